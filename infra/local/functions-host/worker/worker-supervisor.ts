import { setTimeout as wait } from 'node:timers/promises';
import { AppStartError } from '../app/app-start-error.ts';
import type { HostLog } from '../log/host-log.ts';
import { timeSpanText } from '../settings/time-span.ts';
import type { InvocationRequest } from '../typed-data.ts';
import {
  AppWorker,
  type AppWorkerOptions,
  exitText,
  type InvocationEnd,
  type WorkerExit,
} from './app-worker.ts';

export interface WorkerSupervisorOptions {
  readonly worker: AppWorkerOptions;
  readonly log: HostLog;
  /** How long a function may run, in milliseconds, by the machine's clock. */
  readonly functionTimeout: number;
}

/** How long an invocation waits for a worker that is being started again. */
const longestWaitForWorker = 60_000;
/** So many workers in a row that ran nothing to its end are started again at once, as by the real host, which then gives up. */
const restartsAtOnce = 3;
const longestPause = 30_000;

/** Milliseconds before a worker is started again after so many that ran nothing to its end. */
export function restartPause(exitsInARow: number): number {
  return exitsInARow < restartsAtOnce
    ? 0
    : Math.min(1000 * 2 ** (exitsInARow - restartsAtOnce), longestPause);
}

/** Keeps one worker running: starts it again, after a pause that grows, when it ends by itself or ran over its time. */
export class WorkerSupervisor {
  readonly #options: WorkerSupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<(worker: AppWorker | undefined) => void>();
  /** The worker that takes invocations; none while one is being started. */
  #current: AppWorker | undefined;
  #exitsInARow = 0;

  private constructor(options: WorkerSupervisorOptions) {
    this.#options = options;
  }

  /** @throws AppStartError when the app does not load. */
  static async start(
    options: WorkerSupervisorOptions,
  ): Promise<{ supervisor: WorkerSupervisor; first: AppWorker }> {
    const supervisor = new WorkerSupervisor(options);
    const first = await AppWorker.start(options.worker);
    supervisor.#use(first);
    return { supervisor, first };
  }

  /** Runs an invocation in the worker; waits for one when it is being started again. */
  async invoke(request: InvocationRequest): Promise<InvocationEnd> {
    const worker = this.#current ?? (await this.#nextWorker());
    if (!worker) return { kind: 'abandoned' };
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(this.#runOver(worker, request)), this.#options.functionTimeout);
      void worker.invoke(request).then((end) => {
        clearTimeout(timer);
        if (end.kind === 'returned') this.#exitsInARow = 0;
        resolve(end);
      });
    });
  }

  /** Lets the app's appTerminate hooks run for so long and ends the worker; what still runs is abandoned. */
  async stop(graceMilliseconds: number): Promise<void> {
    this.#stopping.abort();
    const worker = this.#current;
    this.#current = undefined;
    for (const resolve of this.#waiting) resolve(undefined);
    await worker?.stop(graceMilliseconds);
  }

  #nextWorker(): Promise<AppWorker | undefined> {
    if (this.#stopping.signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const answer = (worker: AppWorker | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(answer);
        resolve(worker);
      };
      const timer = setTimeout(() => answer(undefined), longestWaitForWorker);
      this.#waiting.add(answer);
    });
  }

  #use(worker: AppWorker): void {
    void worker.exited.then(async (exit) => {
      if (this.#current === worker) this.#current = undefined;
      if (this.#stopping.signal.aborted) return;
      this.#report(exit);
      await this.#restart();
    });
    this.#current = worker;
    for (const resolve of this.#waiting) resolve(worker);
  }

  #runOver(worker: AppWorker, request: InvocationRequest): InvocationEnd {
    const limit = timeSpanText(this.#options.functionTimeout);
    const message = `Timeout value of ${limit} was exceeded by function: Functions.${request.functionId}`;
    if (this.#current === worker) this.#current = undefined;
    void worker.kill(message);
    return { kind: 'threw', message, stack: undefined };
  }

  async #restart(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const pause = restartPause(this.#exitsInARow);
      this.#exitsInARow += 1;
      await wait(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      try {
        const worker = await AppWorker.start(this.#options.worker);
        if (this.#stopping.signal.aborted) return await worker.stop(0);
        return this.#use(worker);
      } catch (error) {
        if (!(error instanceof AppStartError)) throw error;
        this.#options.log.write({
          level: 'error',
          category: 'Host.Worker',
          message: `The worker could not be started again: ${error.message}`,
        });
      }
    }
  }

  #report({ code, lastWords, reason, cut }: WorkerExit): void {
    const running = cut.map(({ functionId }) => functionId);
    const culprit = lastWords?.functionName ? ` in function "${lastWords.functionName}"` : '';
    const cause = lastWords?.origin === 'unhandledRejection' ? 'unhandled rejection' : 'uncaught exception';
    const what = reason ?? `${exitText({ code, lastWords })}${lastWords ? ` (${cause}${culprit})` : ''}`;
    this.#options.log.write({
      level: 'error',
      category: 'Host.Worker',
      message: `The worker ended: ${what}. In flight were: ${running.join(', ') || 'no functions'}. It is started again.`,
      stack: lastWords?.stack,
      facts: { exitCode: code, culprit: lastWords?.functionName, inFlight: running },
    });
  }
}
