import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { AppStartError } from '../app/app-start-error.ts';
import type { FunctionDefinition } from '../app/function-definition.ts';
import type { FunctionCaller } from '../invocations/function-caller.ts';
import { timerInfo } from './timer-info.ts';
import { isMonitored, type Timer, TimerListener } from './timer-listener.ts';
import { parseTimerSchedule } from './timer-schedule.ts';
import { type TimerHolder, TimerStore } from './timer-store.ts';

export interface TimerTriggersOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly timeZone: string;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly caller: FunctionCaller;
  /** Told when a timer cannot be held or kept because of the file in the data folder. */
  readonly onError: (error: unknown) => void;
  /** The machine's time in milliseconds; holding a timer follows it, never the travelling clock. */
  readonly machineTime?: () => number;
}

/** No task hub's file has such a name, since theirs have no hyphens. */
const storeFile = 'timer-triggers.sqlite';
/** So long a host that froze keeps its timers, by the machine's clock; one that is gone loses them at once. */
const holdMilliseconds = 15_000;
/** What has so much left is not renewed yet. */
const renewBelowMilliseconds = 10_000;
/** How often a host looks after what it holds and tries to get what it does not. */
const lookMilliseconds = 1000;

/** The timer functions of an app. Each fires in one of the hosts that share a data folder. */
export class TimerTriggers {
  readonly #options: TimerTriggersOptions;
  readonly #timers: readonly Timer[];
  readonly #store: TimerStore;
  readonly #holder: TimerHolder = { id: randomUUID(), processId: process.pid };
  readonly #listeners = new Map<string, TimerListener>();
  readonly #heldUntil = new Map<string, number>();
  #look: NodeJS.Timeout | undefined;

  /** @throws AppStartError with a line for each function whose schedule is none. */
  constructor(options: TimerTriggersOptions) {
    this.#options = options;
    this.#timers = parseTimers(options);
    this.#store = new TimerStore(join(options.dataFolder, storeFile));
  }

  /** Starts to listen: fires the timers that this host can get hold of. */
  start(): void {
    if (this.#timers.every(({ definition }) => definition.isDisabled)) return;
    this.#lookAfterTimers();
    this.#look = setInterval(() => this.#lookAfterTimers(), lookMilliseconds);
  }

  /** What a run by hand gives to the function; it leaves the schedule alone. */
  inputForRunByHand(functionName: string): string | undefined {
    const timer = this.#timers.find(({ definition }) => definition.name === functionName);
    if (!timer) return undefined;
    const now = this.#options.clock.now().getTime();
    const status = isMonitored(timer, now) ? this.#store.status(functionName) : undefined;
    return timerInfo(timer.schedule, status, false, timer.timeZone);
  }

  /** Resolves when no timer function is running. */
  async caughtUp(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.caughtUp()));
  }

  /** Fires no more and lets other hosts have the timers; resolves when the runs under way have ended. */
  async stop(): Promise<void> {
    clearInterval(this.#look);
    await Promise.all([...this.#listeners.values()].map((listener) => listener.stop()));
    for (const name of this.#listeners.keys()) this.#store.release(name, this.#holder);
    this.#store.close(this.#holder);
  }

  #lookAfterTimers(): void {
    for (const timer of this.#timers) {
      const { name, isDisabled } = timer.definition;
      if (!isDisabled && this.#holdOrLose(name) && !this.#listeners.has(name))
        this.#listeners.set(name, this.#listen(timer));
    }
  }

  #listen(timer: Timer): TimerListener {
    const { clock, caller } = this.#options;
    const isHeld = () => this.#holdOrLose(timer.definition.name);
    return new TimerListener({ timer, store: this.#store, clock, caller, isHeld });
  }

  #holdOrLose(name: string): boolean {
    if (this.#hold(name)) return true;
    const listener = this.#listeners.get(name);
    this.#listeners.delete(name);
    void listener?.stop();
    return false;
  }

  #hold(name: string): boolean {
    const now = (this.#options.machineTime ?? Date.now)();
    if ((this.#heldUntil.get(name) ?? 0) - now > renewBelowMilliseconds) return true;
    try {
      const isHeld = this.#store.hold(name, this.#holder, now, holdMilliseconds);
      this.#heldUntil.set(name, isHeld ? now + holdMilliseconds : 0);
      return isHeld;
    } catch (error) {
      this.#options.onError(error);
      return false;
    }
  }
}

function parseTimers({ definitions, timeZone }: TimerTriggersOptions): Timer[] {
  const timers: Timer[] = [];
  const problems: string[] = [];
  for (const definition of definitions) {
    const { trigger } = definition;
    if (trigger.kind !== 'timer') continue;
    const schedule = parseTimerSchedule(trigger.schedule, timeZone);
    if (schedule) timers.push({ definition, trigger, schedule, timeZone });
    else
      problems.push(
        `The '${definition.name}' function is in error: The schedule expression '${trigger.schedule}' was not recognized as a valid cron expression or timespan string.`,
      );
  }
  if (problems.length > 0) throw new AppStartError(problems.join('\n'));
  return timers;
}
