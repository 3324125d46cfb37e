import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LogRecorder } from './log-recorder.ts';

const startFile = fileURLToPath(new URL('../../../../infra/local/functions-host/start.ts', import.meta.url));

export interface HostProcess {
  readonly process: ChildProcess;
  readonly log: LogRecorder;
  readonly url: string;
  /** Sends a signal and resolves with the exit code (null when the signal itself ended the process). */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Runs the host's command to its end. */
export async function runHostCommand(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [startFile, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

/** Starts a host in a process of its own, with the JSON log, and resolves when it listens. */
export async function spawnHost(
  scriptRoot: string,
  dataFolder: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<HostProcess> {
  const all = ['--script-root', scriptRoot, '--data', dataFolder, '--port', '0', '--log', 'json', ...args];
  const child = spawn(process.execPath, [startFile, ...all], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TZ: 'UTC', ...environment },
  });
  const log = new LogRecorder();
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const text = rest + chunk;
    const end = text.lastIndexOf('\n') + 1;
    log.write(text.slice(0, end));
    rest = text.slice(end);
  });
  const started = await log.line('the start', ({ message }) => message.startsWith('Host started'));
  return {
    process: child,
    log,
    url: String(started.url),
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
}
