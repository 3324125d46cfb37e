import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { UsageError } from '../part.ts';
import { NotAsTold } from './not-as-told.ts';

export interface KeyturnOptions {
  /** The app's settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** The host's own folder and the log go here; what an earlier start left in them is removed. */
  readonly dataFolder: string;
  readonly port: number;
  readonly controlUrl: string;
}

/** Keyturn on a Functions host that is a process of its own, as a user would run it. */
export interface KeyturnProcess {
  /** For example `http://localhost:7071`. */
  readonly origin: string;
  /** What callers of Keyturn's HTTP routes show. */
  readonly functionKey: string;
  readonly logFile: string;
  /** Rejects with NotAsTold if the process ends before it is stopped. */
  readonly unexpectedEnd: Promise<never>;
  stop(): Promise<void>;
}

/** How long the host may take to stop; milliseconds. */
const patience = 1_000;

/**
 * Starts the host and resolves when it listens to its queues.
 * @throws UsageError when its port is taken.
 */
export async function startKeyturn(options: KeyturnOptions): Promise<KeyturnProcess> {
  const hostFolder = join(options.dataFolder, 'demo-host');
  const logFile = join(options.dataFolder, 'keyturn.log');
  await rm(hostFolder, { recursive: true, force: true });
  await mkdir(hostFolder, { recursive: true });
  const child = fork(join(import.meta.dirname, 'keyturn-child.ts'), words(options, hostFolder), {
    cwd: join(import.meta.dirname, '..', '..', '..'),
    env: { ...process.env, ...options.settings },
    execArgv: [],
    /** Ctrl-C is for the parent, which then ends the host. */
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(child, 'close').then(([code, signal]) => String(signal ?? `exit code ${code}`));
  let isStopping = false;
  const stop = async () => {
    isStopping = true;
    await stopChild(child, ended);
  };
  try {
    const origin = await originOf(child, ended, logFile);
    const unexpectedEnd = ended.then((how): Promise<never> | never => {
      if (isStopping) return new Promise<never>(() => {});
      throw new NotAsTold(`Keyturn's Functions host has ended (${how})`);
    });
    unexpectedEnd.catch(() => {});
    const functionKey = await functionKeyIn(hostFolder);
    return { origin, functionKey, logFile, unexpectedEnd, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function words({ port, controlUrl }: KeyturnOptions, hostFolder: string): string[] {
  return ['--script-root', '.', '--port', String(port), '--data', hostFolder, '--control', controlUrl];
}

/** Writes all that the host says to the log, and resolves with its address when it says that it has started. */
async function originOf(child: ChildProcess, ended: Promise<string>, logFile: string): Promise<string> {
  const log = createWriteStream(logFile);
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => {
    log.write(text);
    errors = (errors + String(text)).slice(-2_000);
  });
  const started = new Promise<string>((resolve) => {
    if (!child.stdout) throw new Error('The host has no standard output');
    createInterface(child.stdout).on('line', (line) => {
      log.write(`${line}\n`);
      const origin = /Host started, listening on (\S+)/.exec(line)?.[1];
      if (origin) resolve(origin);
    });
  });
  const failed = ended.then((how): never => {
    if (child.exitCode === 2) throw new UsageError(errors.trim());
    throw new NotAsTold(`Keyturn did not start (${how}): ${errors.trim()}`);
  });
  failed.catch(() => {});
  return Promise.race([started, failed]);
}

async function functionKeyIn(hostFolder: string): Promise<string> {
  const keys = JSON.parse(await readFile(join(hostFolder, 'keys.json'), 'utf8')) as { function: string };
  return keys.function;
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = await Promise.race([ended.then(() => false), wait(patience, true, { ref: false })]);
  if (late) child.kill('SIGKILL');
  await ended;
}
