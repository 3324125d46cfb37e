import type { Clock } from '../../clock.ts';
import type { FunctionDefinition, TimerTrigger } from '../app/function-definition.ts';
import type { FunctionCaller } from '../invocations/function-caller.ts';
import { isRetried, retryDelay } from '../invocations/retry-delay.ts';
import type { RetryContext } from '../typed-data.ts';
import type { InvocationEnd } from '../worker/app-worker.ts';
import { startFromStatus, statusAfterRun } from './schedule-monitor.ts';
import { timerInfo } from './timer-info.ts';
import type { TimerSchedule } from './timer-schedule.ts';
import type { TimerStatus, TimerStore } from './timer-store.ts';

/** A timer function with its parsed schedule. */
export interface Timer {
  readonly definition: FunctionDefinition;
  readonly trigger: TimerTrigger;
  readonly schedule: TimerSchedule;
  readonly timeZone: string;
}

export interface TimerListenerOptions {
  readonly timer: Timer;
  readonly store: TimerStore;
  readonly clock: Clock;
  readonly caller: FunctionCaller;
  /** Whether this host still has the timer; asked before each run. */
  readonly isHeld: () => boolean;
}

type RunReason = 'schedule' | 'pastDue' | 'runOnStartup';

/** One run, with its retries. */
interface Run {
  readonly reason: RunReason;
  readonly startedAt: number;
  readonly retryContext?: RetryContext;
}

/** Fires one timer function while this host holds it. Runs never overlap; a failed one does not stop the schedule. */
export class TimerListener {
  #status: TimerStatus;
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;
  readonly #options: TimerListenerOptions;
  readonly #isMonitored: boolean;

  constructor(options: TimerListenerOptions) {
    const { timer, store, clock } = options;
    const { definition, trigger, schedule } = timer;
    const now = clock.now().getTime();
    this.#options = options;
    this.#isMonitored = isMonitored(timer, now);
    const start = startFromStatus(
      this.#isMonitored ? store.status(definition.name) : undefined,
      schedule,
      now,
    );
    this.#status = start.status;
    if (this.#isMonitored && start.isChanged) store.saveStatus(definition.name, start.status);
    if (start.isPastDue) this.#start({ reason: 'pastDue', startedAt: now });
    else if (trigger.runOnStartup) this.#start({ reason: 'runOnStartup', startedAt: now });
    else this.#scheduleNext();
  }

  /** Resolves when no run is under way; a run that waits for its retry is not under way. */
  caughtUp(): Promise<void> {
    return this.#running;
  }

  /** Fires no more, and resolves when the run that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #scheduleNext(): void {
    const { next } = this.#status;
    if (next === undefined || this.#isStopped) return;
    this.#schedule(next, () =>
      this.#start({ reason: 'schedule', startedAt: this.#options.clock.now().getTime() }),
    );
  }

  #schedule(due: number, task: () => void): void {
    this.#cancel = this.#options.clock.schedule(new Date(due), task);
  }

  #start(run: Run): void {
    if (this.#isStopped || !this.#options.isHeld()) return;
    this.#running = this.#attempt(run);
  }

  async #attempt(run: Run): Promise<void> {
    const { timer, caller, clock } = this.#options;
    const { definition, schedule, timeZone } = timer;
    const status = this.#isMonitored ? this.#status : undefined;
    const end = await caller.call(definition, {
      input: { json: timerInfo(schedule, status, run.reason === 'pastDue', timeZone) },
      trigger: triggerText(run),
      ...(run.retryContext ? { retryContext: run.retryContext } : {}),
    });
    if (end.kind === 'abandoned' || this.#isStopped) return;
    const retry = nextRetry(definition, run, end);
    if (retry) this.#schedule(clock.now().getTime() + retry.delay, () => this.#start(retry.run));
    else this.#finish(run);
  }

  #finish({ reason, startedAt }: Run): void {
    const { timer, store } = this.#options;
    this.#status = statusAfterRun(this.#status, timer.schedule, startedAt, reason === 'schedule');
    if (this.#isMonitored) store.saveStatus(timer.definition.name, this.#status);
    this.#scheduleNext();
  }
}

/** Whether a timer's status is kept: unless its trigger says no, or it fires more than once a minute. */
export function isMonitored({ trigger, schedule }: Timer, now: number): boolean {
  return trigger.useMonitor && !schedule.isTooFrequentToMonitor(now);
}

function nextRetry(
  { retry }: FunctionDefinition,
  run: Run,
  end: InvocationEnd,
): { delay: number; run: Run } | undefined {
  if (!retry || (end.kind !== 'threw' && end.kind !== 'workerExited')) return undefined;
  const retriesSoFar = run.retryContext?.retryCount ?? 0;
  if (!isRetried(retry, retriesSoFar)) return undefined;
  const stackTrace = end.kind === 'threw' ? (end.stack ?? '') : '';
  const retryContext = {
    retryCount: retriesSoFar + 1,
    maxRetryCount: retry.maxRetryCount,
    exception: { message: end.message, source: '', stackTrace },
  };
  return { delay: retryDelay(retry, retriesSoFar + 1), run: { ...run, retryContext } };
}

function triggerText({ reason, startedAt, retryContext }: Run): string {
  const why = { schedule: '', pastDue: ', past due', runOnStartup: ', at start' }[reason];
  const retry = retryContext ? `, retry ${retryContext.retryCount}` : '';
  return `timer fired at ${new Date(startedAt).toISOString()}${why}${retry}`;
}
