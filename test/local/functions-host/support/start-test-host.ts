import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FunctionsHostOptions,
  type RunningFunctionsHost,
  startFunctionsHost,
} from '../../../../infra/local/functions-host/functions-host.ts';
import { LogRecorder } from './log-recorder.ts';
import { type AppFiles, writeApp } from './write-app.ts';

export interface TestHostOptions
  extends Pick<FunctionsHostOptions, 'clock' | 'controlUrl' | 'redeliveryDelay'> {
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A data folder that outlives the host; without it the host gets one of its own. */
  readonly dataFolder?: string;
}

export interface TestHost extends RunningFunctionsHost {
  readonly log: LogRecorder;
  /** Sends a request to a path such as `/api/hello`. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Runs a function by hand. */
  run(functionName: string, input?: string): Promise<Response>;
}

/** Starts a host in this process with an app of these files, on a free port. */
export async function startTestHost(files: AppFiles, options: TestHostOptions = {}): Promise<TestHost> {
  const { folder, remove } = await writeApp(files);
  const { environment, dataFolder, ...hostOptions } = options;
  const ownData = dataFolder ?? (await mkdtemp(join(tmpdir(), 'functions-data-')));
  const cleanUp = async () => {
    await remove();
    if (!dataFolder) await rm(ownData, { recursive: true, force: true });
  };
  const log = new LogRecorder();
  try {
    const host = await startFunctionsHost({
      ...hostOptions,
      scriptRoot: folder,
      dataFolder: ownData,
      address: { host: '127.0.0.1', port: 0 },
      environment: { ...process.env, TZ: 'UTC', ...environment },
      log: { format: 'json', output: log },
    });
    const send = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${host.port}${path}`, init);
    return {
      ...host,
      log,
      fetch: send,
      run: (name, input) =>
        send(`/admin/functions/${name}`, {
          method: 'POST',
          headers: { 'x-functions-key': host.keys.master, 'content-type': 'application/json' },
          body: JSON.stringify({ input }),
        }),
      async close() {
        await host.close();
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
