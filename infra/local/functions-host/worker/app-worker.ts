import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { AppStartError } from '../app/app-start-error.ts';
import type { InvocationRequest, InvocationResponse } from '../typed-data.ts';
import type {
  MessageFromWorker,
  MessageToWorker,
  RegisteredFunction,
  WorkerLastWords,
  WorkerLog,
  WorkerStart,
} from './worker-messages.ts';

/** How an invocation ended. */
export type InvocationEnd =
  | { readonly kind: 'returned'; readonly response: InvocationResponse }
  | { readonly kind: 'threw'; readonly message: string; readonly stack: string | undefined }
  /** The worker ended while it ran the function, by itself or because another function ran over its time. */
  | { readonly kind: 'workerExited'; readonly message: string }
  /** The host is stopping or has no worker. */
  | { readonly kind: 'abandoned' };

/** An invocation that was running when its worker ended. */
export interface CutInvocation {
  readonly functionId: string;
  readonly invocationId: string;
}

export interface WorkerExit {
  readonly code: number;
  readonly lastWords: WorkerLastWords | undefined;
  /** Why the host ended it; undefined when it ended by itself. */
  readonly reason: string | undefined;
  readonly cut: readonly CutInvocation[];
}

export interface AppWorkerOptions extends WorkerStart {
  readonly environment: Readonly<Record<string, string>>;
  onLog(log: WorkerLog): void;
  /** A line that the app wrote to its standard output or standard error. */
  onOutput(line: string, stream: 'stdout' | 'stderr'): void;
}

/** Half of what V8 would take. Invocations leave little behind, and a thread keeps what it once took. */
const youngGenerationMegabytes = 24;

interface Running {
  readonly request: InvocationRequest;
  readonly end: (end: InvocationEnd) => void;
}

/**
 * One worker: a thread of this process in which the app is loaded. `process.exit` and uncaught errors in it end only the
 * thread; killing or freezing this process takes both, as killing a host with its worker does.
 */
export class AppWorker {
  /** Settles when the thread has ended. */
  readonly exited: Promise<WorkerExit>;
  functions: readonly RegisteredFunction[] = [];
  capabilities: Readonly<Record<string, string>> = {};
  readonly #thread: Worker;
  readonly #running = new Map<string, Running>();
  readonly #onLog: (log: WorkerLog) => void;
  #lastWords: WorkerLastWords | undefined;
  #exitMessage: string | undefined;

  private constructor(options: AppWorkerOptions) {
    const { scriptRoot, hostVersion, environment, onLog, onOutput } = options;
    this.#onLog = onLog;
    this.#thread = new Worker(new URL('./worker-entry.ts', import.meta.url), {
      name: 'functions-worker',
      workerData: { scriptRoot, hostVersion } satisfies WorkerStart,
      env: { ...environment },
      argv: [],
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMegabytes },
      stdout: true,
      stderr: true,
    });
    createInterface(this.#thread.stdout).on('line', (line) => onOutput(line, 'stdout'));
    createInterface(this.#thread.stderr).on('line', (line) => onOutput(line, 'stderr'));
    this.exited = this.#watchExit();
  }

  /**
   * Starts a thread and loads the app.
   * @throws AppStartError when the app does not load.
   */
  static async start(options: AppWorkerOptions): Promise<AppWorker> {
    const worker = new AppWorker(options);
    const failure = await new Promise<string | undefined>((resolve) => {
      worker.#thread.on('message', (message: MessageFromWorker) => {
        if (message.type === 'startFailed') resolve(startProblem(message));
        else if (message.type === 'started') {
          worker.functions = message.functions;
          worker.capabilities = message.capabilities;
          resolve(undefined);
        } else worker.#onMessage(message);
      });
      void worker.exited.then((exit) =>
        resolve(`The app ended the worker while it was loading. ${exitText(exit)}`),
      );
    });
    if (failure === undefined) return worker;
    await worker.#thread.terminate();
    throw new AppStartError(failure);
  }

  get runningCount(): number {
    return this.#running.size;
  }

  invoke(request: InvocationRequest): Promise<InvocationEnd> {
    return new Promise((end) => {
      this.#running.set(request.invocationId, { request, end });
      this.#post({ type: 'invoke', request });
    });
  }

  /** Ends the thread at once, also when its code loops; what runs there ends as if the worker had exited, with this message. */
  async kill(message: string): Promise<void> {
    this.#exitMessage = message;
    await this.#thread.terminate();
  }

  /** Ends everything that runs as abandoned, lets the app's appTerminate hooks run for so long, and ends the thread. */
  async stop(graceMilliseconds: number): Promise<void> {
    for (const { end } of this.#running.values()) end({ kind: 'abandoned' });
    this.#running.clear();
    this.#post({ type: 'terminate' });
    const timer = setTimeout(() => void this.#thread.terminate(), graceMilliseconds);
    await this.exited;
    clearTimeout(timer);
  }

  #post(message: MessageToWorker): void {
    this.#thread.postMessage(message);
  }

  #onMessage(message: MessageFromWorker): void {
    if (message.type === 'returned')
      this.#end(message.invocationId, { kind: 'returned', response: message.response });
    else if (message.type === 'threw') {
      const { invocationId, message: text, stack } = message;
      this.#end(invocationId, { kind: 'threw', message: text, stack });
    } else if (message.type === 'log') this.#onLog(message);
    else if (message.type === 'lastWords') this.#lastWords = message;
  }

  #end(invocationId: string, end: InvocationEnd): void {
    this.#running.get(invocationId)?.end(end);
    this.#running.delete(invocationId);
  }

  #watchExit(): Promise<WorkerExit> {
    return new Promise((resolve) => {
      this.#thread.on('error', (error: Error) => {
        this.#lastWords ??= {
          type: 'lastWords',
          origin: 'uncaughtException',
          message: error.message,
          stack: error.stack,
        };
      });
      this.#thread.once('exit', (code) => {
        const cut = [...this.#running.values()].map(({ request }) => request);
        const exit = { code, lastWords: this.#lastWords, reason: this.#exitMessage, cut };
        const message = this.#exitMessage ?? exitText(exit);
        for (const { end } of this.#running.values()) end({ kind: 'workerExited', message });
        this.#running.clear();
        resolve(exit);
      });
    });
  }
}

/** What the real host says of it, with the error that ended the worker. */
export function exitText({ code, lastWords }: Pick<WorkerExit, 'code' | 'lastWords'>): string {
  const text = `node exited with code ${code} (0x${code.toString(16).toUpperCase()})`;
  return lastWords ? `${text}: ${lastWords.message}` : text;
}

/** The message, with the place that Node prints above the stack of a syntax error. */
function startProblem({ message, stack }: { message: string; stack: string | undefined }): string {
  const place = /^(\S+:\d+)\n/.exec(stack ?? '')?.[1];
  return place && !message.includes(place) ? `${message} (${place})` : message;
}
