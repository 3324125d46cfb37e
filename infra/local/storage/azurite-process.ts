import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Certificates } from '../certificates.ts';

/** The one account that Azurite serves. */
export const accountName = 'devstoreaccount1';

export const storageServices = ['blob', 'queue', 'table'] as const;

export type StorageService = (typeof storageServices)[number];

/** What Azurite keeps in its folder. */
const dataFiles = [
  '__azurite_db_blob__.json',
  '__azurite_db_blob_extent__.json',
  '__azurite_db_queue__.json',
  '__azurite_db_queue_extent__.json',
  '__azurite_db_table__.json',
  '__blobstorage__',
  '__queuestorage__',
];

/** How long Azurite may take to save its data and end. */
const patienceMilliseconds = 700;

/** Processes that were told to end. */
const stopped = new WeakSet<ChildProcess>();

export interface AzuriteProcess {
  readonly processId: number;
  /** The ports on 127.0.0.1 where Azurite speaks TLS. */
  readonly ports: Readonly<Record<StorageService, number>>;
  /** Ends Azurite; resolves when its process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts Azurite with OAuth on free ports and waits until all three services listen. Its folder is emptied of earlier
 * data. Its account key is random and told to nobody, so that only bearer tokens open it.
 */
export async function startAzurite(folder: string, certificates: Certificates): Promise<AzuriteProcess> {
  await mkdir(folder, { recursive: true });
  await Promise.all(dataFiles.map((file) => rm(join(folder, file), { recursive: true, force: true })));
  const child = fork(join(import.meta.dirname, 'azurite-child.ts'), words(folder, certificates), {
    env: environment(),
    execArgv: [],
    /** Ctrl-C is for the parent, which then ends Azurite. */
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const stop = () => stopChild(child);
  try {
    const ports = await listening(child);
    reportUnexpectedEnd(child);
    return { processId: child.pid ?? 0, ports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function words(folder: string, { certFile, keyFile }: Certificates): string[] {
  const ports = storageServices.flatMap((service) => [
    `--${service}Host`,
    '127.0.0.1',
    `--${service}Port`,
    '0',
  ]);
  const keepAlive = storageServices.flatMap((service) => [`--${service}KeepAliveTimeout`, '120']);
  const oauth = ['--oauth', 'basic', '--cert', certFile, '--key', keyFile];
  return [
    ...ports,
    ...keepAlive,
    '--location',
    folder,
    ...oauth,
    '--skipApiVersionCheck',
    '--disableTelemetry',
    '--silent',
  ];
}

function environment(): NodeJS.ProcessEnv {
  const { AZURITE_DB: _otherDatabase, ...inherited } = process.env;
  return { ...inherited, AZURITE_ACCOUNTS: `${accountName}:${randomBytes(64).toString('base64')}` };
}

/** The ports that Azurite prints as it comes up, once it has printed all three. */
async function listening(child: ChildProcess): Promise<Record<StorageService, number>> {
  const ports = new Map<string, number>();
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => {
    errors = (errors + String(text)).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`Azurite ended (${signal ?? code}) before it listened: ${errors || output}`)),
    );
    child.stdout?.on('data', (text: Buffer) => {
      output = (output + String(text)).slice(-4_000);
      for (const match of output.matchAll(/Azurite (\w+) service is successfully listening at \S+:(\d+)\s/g))
        ports.set(match[1]?.toLowerCase() ?? '', Number(match[2]));
      const [blob, queue, table] = storageServices.map((service) => ports.get(service));
      if (blob && queue && table) resolve({ blob, queue, table });
    });
  });
}

function reportUnexpectedEnd(child: ChildProcess): void {
  child.once('exit', (code, signal) => {
    if (!stopped.has(child)) process.stderr.write(`storage: Azurite has ended (${signal ?? code})\n`);
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  stopped.add(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (child.connected) child.disconnect();
  const late = await Promise.race([gone.then(() => false), wait(patienceMilliseconds, true, { ref: false })]);
  if (late) child.kill('SIGKILL');
  await gone;
}
