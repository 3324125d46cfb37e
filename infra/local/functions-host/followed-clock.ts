import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { PartName } from '../control/parts.ts';
import { UsageError } from '../part.ts';
import { DueTasks } from './due-tasks.ts';

/** What the local cloud's control API answers to a follower of its clock. */
const cloudStateSchema = z.object({
  version: z.int(),
  offsetMilliseconds: z.number(),
  unreachable: z.array(z.string()),
});

type CloudState = z.output<typeof cloudStateSchema>;

export interface FollowedClockOptions {
  /** Name under which the cloud knows this follower; one for each process. */
  readonly id: string;
  /** Told when the control API cannot be reached, and when it can be again. */
  readonly onConnectionChange: (isConnected: boolean) => void;
  readonly onTaskError: (error: unknown) => void;
  /**
   * So long, by the machine's clock, a move of the clock waits for what is due; what takes longer goes on while the clock
   * does. It is the cloud's own patience.
   */
  readonly patienceMilliseconds?: number;
}

/** Something whose work the clock waits for when it has been moved. */
export interface CatchesUp {
  /** Resolves when it has dealt with what is due at the clock's present time. */
  caughtUp(): Promise<void>;
}

/** Pause before the control API is asked again after it could not be reached. */
const retryPause = 1000;

/** Pause between questions for what can be reached, while no poll tells; milliseconds. */
const reachabilityPause = 100;

/**
 * The local cloud's clock as seen from another process: the machine's plus an offset, which it learns by long polls of the
 * control API. The cloud stops at the next instant that this clock reports, and waits until what was due there is done.
 */
export class FollowedClock implements Clock {
  #offset = 0;
  #seen = -1;
  #known = -1;
  #unreachable: readonly string[] = [];
  #isConnected = true;
  #poll: AbortController | undefined;
  #reported: number | undefined;
  readonly #stateUrl: string;
  readonly #url: string;
  readonly #options: FollowedClockOptions;
  readonly #tasks: DueTasks;
  readonly #workers = new Set<CatchesUp>();
  readonly #closing = new AbortController();

  private constructor(controlUrl: string, options: FollowedClockOptions) {
    this.#stateUrl = `${controlUrl.replace(/\/$/, '')}/clock`;
    this.#url = `${this.#stateUrl}/followers/${encodeURIComponent(options.id)}`;
    this.#options = options;
    this.#tasks = new DueTasks(() => this.now().getTime(), options.onTaskError);
    this.#tasks.onNextDueChange = () => this.#reportNextDue();
  }

  /**
   * Starts to follow.
   * @throws UsageError when no control API answers at the URL.
   */
  static async follow(controlUrl: string, options: FollowedClockOptions): Promise<FollowedClock> {
    const clock = new FollowedClock(controlUrl, options);
    try {
      const state = await clock.#ask(AbortSignal.timeout(10_000));
      if (state) await clock.#apply(state);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`No control API of the local cloud answers at ${controlUrl}: ${reason}`);
    }
    void clock.#followOn();
    return clock;
  }

  now(): Date {
    return new Date(Date.now() + this.#offset);
  }

  schedule(due: Date, task: () => void | Promise<void>): () => void {
    return this.#tasks.add(due.getTime(), task);
  }

  /** Lets a worker hold up the clock until it has caught up, each time the clock is moved. */
  waitFor(worker: CatchesUp): () => void {
    this.#workers.add(worker);
    return () => {
      this.#workers.delete(worker);
    };
  }

  /** Whether the cloud says that a part can be reached. */
  isReachable(part: PartName): boolean {
    return !this.#unreachable.includes(part);
  }

  /** Stops following; timers no longer fire. */
  close(): void {
    this.#closing.abort();
    this.#poll?.abort();
    this.#tasks.close();
  }

  async #followOn(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const poll = new AbortController();
      this.#poll = poll;
      try {
        const state = await this.#ask(poll.signal);
        this.#connected(true);
        if (state) await this.#apply(state);
      } catch (error) {
        if (poll.signal.aborted) continue;
        this.#connected(false);
        if (!(error instanceof Error)) throw error;
        await wait(retryPause, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  /** One long poll; undefined when nothing changed. */
  async #ask(signal: AbortSignal): Promise<CloudState | undefined> {
    this.#reported = this.#tasks.nextDue;
    const nextDue = this.#reported === undefined ? null : new Date(this.#reported).toISOString();
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seen: this.#seen, nextDue }),
      signal,
    });
    if (response.status === 204) return undefined;
    if (!response.ok) throw new Error(`the control API answered ${response.status}`);
    return cloudStateSchema.parse(await response.json());
  }

  async #apply(state: CloudState): Promise<void> {
    this.#poll = undefined;
    this.#offset = state.offsetMilliseconds;
    this.#learnReachability(state);
    const watch = setInterval(() => void this.#askReachability(), reachabilityPause);
    await Promise.race([
      this.#dealWithDue(),
      wait(this.#options.patienceMilliseconds ?? 30_000, undefined, { ref: false }),
    ]);
    clearInterval(watch);
    this.#seen = state.version;
  }

  /** No poll is under way while the host catches up, which takes long when it is busy; parts come and go all the same. */
  async #askReachability(): Promise<void> {
    try {
      const response = await fetch(this.#stateUrl, { signal: this.#closing.signal });
      this.#learnReachability(cloudStateSchema.parse(await response.json()));
    } catch {
      // The next poll meets the same and tells of it.
    }
  }

  #learnReachability({ version, unreachable }: CloudState): void {
    if (version < this.#known) return;
    this.#known = version;
    this.#unreachable = unreachable;
  }

  async #dealWithDue(): Promise<void> {
    do {
      await this.#tasks.runDue();
      await Promise.all([...this.#workers].map((worker) => worker.caughtUp()));
    } while (this.#tasks.isAnyDue && !this.#closing.signal.aborted);
  }

  /** A poll that is under way told another instant: it is given up, and the next one tells the new one. */
  #reportNextDue(): void {
    const poll = this.#poll;
    if (!poll) return;
    setImmediate(() => {
      if (this.#poll === poll && this.#tasks.nextDue !== this.#reported) poll.abort();
    });
  }

  #connected(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    this.#options.onConnectionChange(isConnected);
  }
}
