import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, ClockFollower } from '../../../clock.ts';
import { InstanceOperations } from '../client/instance-operations.ts';
import type { FunctionInvoker } from '../function-invoker.ts';
import type { ActivityWorkItem } from '../store/activity-table.ts';
import { StoreUnreachable } from '../store/store-unreachable.ts';
import { type ClaimedEpisode, TaskHub } from '../store/task-hub.ts';
import { defaultWalkLimits } from '../walk/walk-settings.ts';
import { activitySource } from './activity-source.ts';
import type { DurableTaskSettings } from './durable-task-settings.ts';
import { episodeSource } from './episode-source.ts';
import { NextDueAlarm } from './next-due-alarm.ts';
import { WorkDispatcher } from './work-dispatcher.ts';

export interface DurableEngineOptions {
  /** Where the task hubs' files are; made when it is not there. */
  readonly dataFolder: string;
  readonly settings: DurableTaskSettings;
  readonly invoker: FunctionInvoker;
  /** The cloud's clock: durable timers and the times in histories follow it. */
  readonly clock: Clock;
  /** What people should know of an instance, in one line; called for what may hang it and for the engine's own errors. */
  readonly log: (level: 'warning' | 'error', message: string, instanceId?: string) => void;
  /**
   * Milliseconds of the machine's clock after which work of a dead or frozen host is given out again. A host that is well keeps
   * its work for as long as it takes. Five minutes when left out, as on Azure.
   */
  readonly redeliveryDelay?: number;
  /** Milliseconds between looks for what other processes have written. */
  readonly pollInterval?: number;
  /** Milliseconds without progress after which `caughtUp` takes functions that still run for waiting on something else. */
  readonly patience?: number;
  /** Whether the store answers; says no during a storage outage. */
  readonly isReachable?: () => boolean;
  /** The machine's time in milliseconds; leases and visibility time-outs follow it, never the cloud's clock. */
  readonly machineTime?: () => number;
}

const fiveMinutes = 5 * 60 * 1000;

/** However slow the machine is, so often `caughtUp` looks before it loses patience. */
const fewestLooks = 200;

/** Runs the orchestrations and activities of one task hub, which several engines may share. */
export class DurableEngine implements ClockFollower {
  readonly taskHubName: string;
  readonly operations: InstanceOperations;
  #stopping = false;
  #progress = 0;
  #pumpPlanned = false;
  readonly #hub: TaskHub;
  readonly #options: DurableEngineOptions;
  readonly #episodes: WorkDispatcher<ClaimedEpisode>;
  readonly #activities: WorkDispatcher<ActivityWorkItem>;
  readonly #alarm: NextDueAlarm;
  readonly #poll: NodeJS.Timeout;
  readonly #redeliveryDelay: number;
  readonly #machineTime: () => number;
  #renewedAt: number;

  constructor(options: DurableEngineOptions) {
    const { settings, clock, invoker, dataFolder } = options;
    this.#options = options;
    this.#redeliveryDelay = options.redeliveryDelay ?? fiveMinutes;
    this.#machineTime = options.machineTime ?? Date.now;
    this.#renewedAt = this.#machineTime();
    this.taskHubName = settings.hubName;
    mkdirSync(dataFolder, { recursive: true });
    this.#hub = new TaskHub({
      file: join(dataFolder, `${settings.hubName.toLowerCase()}.sqlite`),
      clock,
      redeliveryDelay: this.#redeliveryDelay,
      machineTime: this.#machineTime,
      isReachable: options.isReachable ?? (() => true),
    });
    this.operations = new InstanceOperations(this.#hub, {
      clock,
      invoker,
      settings,
      wake: () => this.#wake(),
    });
    const observer = {
      onProgress: () => this.#progressed(),
      onError: (error: unknown) => this.#report(error),
    };
    this.#episodes = new WorkDispatcher(
      episodeSource(this.#hub, {
        invoker,
        clock,
        limits: { ...defaultWalkLimits, maxOrchestrationActions: settings.maxOrchestrationActions },
        isGivenUp: () => this.#stopping,
        onGeneration: () => {
          this.#progress += 1;
        },
        onRemark: (instanceId, remark) => options.log('warning', remark, instanceId),
      }),
      settings.maxConcurrentOrchestratorFunctions,
      observer,
    );
    this.#activities = new WorkDispatcher(
      activitySource(this.#hub, invoker, clock),
      settings.maxConcurrentActivityFunctions,
      observer,
    );
    this.#alarm = new NextDueAlarm(clock, () => this.#wake());
    const pollInterval = Math.min(options.pollInterval ?? 250, this.#redeliveryDelay / 3);
    this.#poll = setInterval(() => this.#wake(), pollInterval);
    this.#wake();
  }

  /** When the next durable timer fires, by the cloud's clock. */
  get nextDue(): Date | undefined {
    return this.#alarm.due;
  }

  /** Calls `listener` whenever `nextDue` changes, until the returned function is called. */
  onNextDueChange(listener: (due: Date | undefined) => void): () => void {
    return this.#alarm.onChange(listener);
  }

  /**
   * Resolves when everything that is due at the clock's present time has been dealt with, and what came of it: no message to
   * see, nothing to run and nothing running, here or in another process on the same task hub. Functions that still run
   * without anything having moved for `patience` milliseconds (default three seconds) wait for something else, and are not
   * waited for; nor is a store that cannot be reached.
   */
  async caughtUp(): Promise<void> {
    const patience = this.#options.patience ?? 3000;
    let seen = this.#progress;
    let since = performance.now();
    for (let looks = 0; !this.#stopping; looks += 1) {
      if (!this.#pump() || this.#isQuiet()) return;
      if (this.#progress !== seen) {
        seen = this.#progress;
        since = performance.now();
        looks = 0;
      } else if (looks > fewestLooks && performance.now() - since > patience) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /**
   * Takes on nothing new, waits up to `grace` milliseconds for what is under way, gives the rest back so that another host can
   * have it at once, and closes the store.
   */
  async stop(grace = 5000): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#poll);
    this.#alarm.stop();
    this.#episodes.stop();
    this.#activities.stop();
    const end = performance.now() + grace;
    while (!this.#isIdle() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const dispatcher of [this.#episodes, this.#activities])
      this.#tolerant(() => dispatcher.abandonRunning());
    this.#hub.close();
  }

  #isIdle(): boolean {
    return this.#episodes.running.length === 0 && this.#activities.running.length === 0;
  }

  #isQuiet(): boolean {
    return (
      this.#episodes.isIdle &&
      this.#activities.isIdle &&
      !(this.#tolerant(() => this.#hub.hasWork()) ?? false)
    );
  }

  #progressed(): void {
    this.#progress += 1;
    this.#wake();
  }

  /** Looks for work soon, once for however many reasons there are. */
  #wake(): void {
    if (this.#pumpPlanned || this.#stopping) return;
    this.#pumpPlanned = true;
    setImmediate(() => {
      this.#pumpPlanned = false;
      if (!this.#stopping) this.#pump();
    });
  }

  /** Whether the store could be reached. */
  #pump(): boolean {
    return (
      this.#tolerant(() => {
        this.#renewWhenDue();
        this.#episodes.pump();
        this.#activities.pump();
        this.#alarm.set(this.#hub.nextDue());
        return true;
      }) ?? false
    );
  }

  #renewWhenDue(): void {
    const now = this.#machineTime();
    if (now - this.#renewedAt < this.#redeliveryDelay / 3) return;
    this.#renewedAt = now;
    if (!this.#isIdle()) this.#hub.renew(this.#episodes.running, this.#activities.running);
  }

  /** Does without when the store cannot be reached: the next look for work tries again. */
  #tolerant<Result>(use: () => Result): Result | undefined {
    try {
      return use();
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) this.#report(error);
      return undefined;
    }
  }

  #report(error: unknown): void {
    this.#options.log('error', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
