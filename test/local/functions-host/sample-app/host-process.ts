import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type LogLine, LogRecorder } from '../support/log-recorder.ts';
import { DurableApi } from './durable-api.ts';

const hostCommand = fileURLToPath(
  new URL('../../../../infra/local/functions-host/start.ts', import.meta.url),
);

export const sampleApp = fileURLToPath(new URL('../../../sample-app', import.meta.url));

export interface HostProcessOptions {
  readonly dataFolder: string;
  /** The sample app when left out. */
  readonly scriptRoot?: string;
  /** App settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly redeliveryDelay?: string;
  readonly controlUrl?: string;
  /** Keeps only the log until the host is up. */
  readonly dropsLog?: boolean;
}

/** `npm run host` as a process of its own on a free port, which can be stopped, frozen and killed. */
export class HostProcess {
  readonly log = new LogRecorder();
  #errors = '';
  readonly #child: ChildProcess;
  readonly #dataFolder: string;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, dataFolder: string) {
    this.#child = child;
    this.#dataFolder = dataFolder;
    this.#ended = once(child, 'close').then(() => undefined);
    child.stderr?.on('data', (chunk) => {
      this.#errors += chunk;
    });
  }

  /** Starts the process, which is not up yet. */
  static spawn(options: HostProcessOptions): HostProcess {
    const { dataFolder, scriptRoot = sampleApp, settings, redeliveryDelay, controlUrl } = options;
    const words = ['--script-root', scriptRoot, '--port', '0', '--data', dataFolder, '--log', 'json'];
    if (redeliveryDelay) words.push('--redelivery-delay', redeliveryDelay);
    if (controlUrl) words.push('--control', controlUrl);
    const child = spawn(process.execPath, [hostCommand, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...settings },
    });
    const host = new HostProcess(child, dataFolder);
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!options.dropsLog || !host.#started()) host.log.write(line);
      });
    return host;
  }

  /** Starts the process and resolves when it is up. */
  static async start(options: HostProcessOptions): Promise<HostProcess> {
    const host = HostProcess.spawn(options);
    await host.up();
    return host;
  }

  get processId(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('The host was not started');
    return pid;
  }

  /** For example `http://localhost:7071`. */
  get origin(): string {
    const origin = this.#started()?.url;
    if (typeof origin !== 'string') throw new Error('The host is not up');
    return origin;
  }

  /** @throws Error with its own words when it ended instead. */
  async up(): Promise<void> {
    const ended = this.#ended.then(() => {
      throw new Error(`The host ended before it was up:\n${this.#errors}`);
    });
    await Promise.race([this.log.until('the host is up', () => this.#started() !== undefined), ended]);
  }

  /** The Durable Task extension's management endpoints, with their key. */
  async durableApi(): Promise<DurableApi> {
    const keys = JSON.parse(await readFile(join(this.#dataFolder, 'keys.json'), 'utf8')) as {
      durabletask: string;
    };
    return new DurableApi(this.origin, keys.durabletask);
  }

  /** What the process has written to its standard error so far. */
  get errors(): string {
    return this.#errors;
  }

  /** Stops every thread of the process at once, until `thaw`. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends the process without a chance to do anything about it. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #started(): LogLine | undefined {
    return this.log.lines.find(({ message }) => message.startsWith('Host started'));
  }
}
