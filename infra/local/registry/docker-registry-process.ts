import { type ChildProcess, spawn } from 'node:child_process';
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const childFile = fileURLToPath(new URL('docker-registry-child.ts', import.meta.url));

/** Debian's docker-registry, running. */
export interface RunningDockerRegistry {
  /** What `upstream` of a registry's configuration takes. */
  readonly url: string;
  close(): Promise<void>;
}

/** The path of the `docker-registry` program, if it is installed. */
export async function findDockerRegistry(searchPath = process.env.PATH ?? ''): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter)) {
    const file = join(folder, 'docker-registry');
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

/**
 * Starts docker-registry on a free port of this machine, with its images in a folder, and waits until it listens.
 * @throws Error with what it said, when it ends instead.
 */
export async function startDockerRegistry(
  program: string,
  dataFolder: string,
): Promise<RunningDockerRegistry> {
  await mkdir(dataFolder, { recursive: true });
  const configFile = join(dataFolder, 'config.json');
  await writeFile(configFile, JSON.stringify(configuration(dataFolder)));
  const child = spawn(process.execPath, [childFile, program, 'serve', configFile], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { OTEL_TRACES_EXPORTER: 'none' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    return { url: `http://${await addressOf(child)}`, close };
  } catch (error) {
    await close();
    throw error;
  }

  async function close(): Promise<void> {
    if (child.connected) child.disconnect();
    await ended;
  }
}

function configuration(dataFolder: string): unknown {
  return {
    version: '0.1',
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(dataFolder, 'images') },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: '127.0.0.1:0', relativeurls: true },
  };
}

/** Waits for the line in which it tells where it listens; what comes after is read and dropped, so that it never blocks. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once('error', reject);
    child.once('close', (code) =>
      reject(new Error(`docker-registry ended with ${code}: ${said.join('\n')}`)),
    );
    if (!child.stderr) throw new Error('docker-registry has no standard error');
    createInterface(child.stderr).on('line', (line) => {
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address) resolve(address);
      if (said.length < 100) said.push(line);
    });
  });
}
