import { z } from 'zod';
import type { ClockFollower, MovableClock } from '../clock.ts';
import type { Faults } from './faults.ts';
import type { PartName } from './parts.ts';

/** What a follower outside this process tells when it asks for the next state. */
export const followerReportSchema = z.strictObject({
  /** The version whose due work the follower has dealt with; -1 asks for the present state at once. */
  seen: z.int().min(-1),
  /** When its next timer is due, by the cloud's clock. */
  nextDue: z.iso.datetime({ offset: true }).nullable(),
});

export type FollowerReport = z.output<typeof followerReportSchema>;

/** What followers need to know of the local cloud. */
export interface CloudState {
  readonly version: number;
  /** How far the cloud's clock is ahead of the machine's. */
  readonly offsetMilliseconds: number;
  readonly unreachable: readonly PartName[];
}

export interface ClockFeedOptions {
  /** After so long without an answer an asking follower is told that nothing changed. */
  readonly pollMilliseconds?: number;
  /** A follower that has been told of a change and stays silent for so long no longer holds up the clock. */
  readonly patienceMilliseconds?: number;
}

/** Lets programs outside this process (Functions hosts) follow the clock and learn which parts are unreachable. */
export class ClockFeed {
  #version = 0;
  readonly #clock: MovableClock;
  readonly #faults: Faults;
  readonly #pollMilliseconds: number;
  readonly #patienceMilliseconds: number;
  readonly #followers = new Map<string, RemoteFollower>();
  readonly #stopListening: ReadonlyArray<() => void>;

  constructor(clock: MovableClock, faults: Faults, options: ClockFeedOptions = {}) {
    this.#clock = clock;
    this.#faults = faults;
    this.#pollMilliseconds = options.pollMilliseconds ?? 25_000;
    this.#patienceMilliseconds = options.patienceMilliseconds ?? 30_000;
    this.#stopListening = [
      clock.onMove(() => this.#changed()),
      faults.onReachabilityChange(() => this.#changed()),
    ];
  }

  get state(): CloudState {
    return {
      version: this.#version,
      offsetMilliseconds: this.#clock.offset,
      unreachable: this.#faults.unreachableParts,
    };
  }

  /**
   * Resolves with the state as soon as it is another than the follower has seen, or with nothing when that takes long.
   * A follower that goes away (`gone`) no longer holds up the clock.
   */
  async next(id: string, report: FollowerReport, gone: AbortSignal): Promise<CloudState | undefined> {
    const follower = this.#followers.get(id) ?? this.#follow(id);
    follower.report(report, this.#version);
    if (report.seen !== this.#version) {
      follower.told();
      return this.state;
    }
    const ending = await follower.waitForChange(this.#pollMilliseconds, gone);
    if (ending === 'hung-up') follower.leave();
    else if (ending !== 'replaced') follower.told();
    return ending === 'changed' ? this.state : undefined;
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
    for (const follower of this.#followers.values()) follower.end();
  }

  #follow(id: string): RemoteFollower {
    const follower = new RemoteFollower(this.#patienceMilliseconds, () => {
      unfollow();
      if (this.#followers.get(id) === follower) this.#followers.delete(id);
    });
    const unfollow = this.#clock.follow(follower);
    this.#followers.set(id, follower);
    return follower;
  }

  #changed(): void {
    this.#version += 1;
    for (const follower of this.#followers.values()) follower.change();
  }
}

/**
 * How long a follower that hung up may take to ask again (it does so when its next timer changed). On a busy machine that
 * takes longer than one would think, and the clock would jump past its timers.
 */
const hangUpGraceMilliseconds = 3_000;

type PollEnding = 'changed' | 'unchanged' | 'replaced' | 'hung-up';

class RemoteFollower implements ClockFollower {
  nextDue: Date | undefined;
  #behind = false;
  #patience: NodeJS.Timeout | undefined;
  readonly #caughtUp = new Set<() => void>();
  readonly #changes = new Set<(ending: PollEnding) => void>();
  readonly #patienceMilliseconds: number;
  readonly #onEnd: () => void;

  constructor(patienceMilliseconds: number, onEnd: () => void) {
    this.#patienceMilliseconds = patienceMilliseconds;
    this.#onEnd = onEnd;
  }

  report(report: FollowerReport, version: number): void {
    clearTimeout(this.#patience);
    for (const answerOlderPoll of this.#changes) answerOlderPoll('replaced');
    this.nextDue = report.nextDue === null ? undefined : new Date(report.nextDue);
    this.#behind = report.seen !== version;
    if (!this.#behind) this.#resolveCaughtUp();
  }

  change(): void {
    this.#behind = true;
    for (const answer of this.#changes) answer('changed');
  }

  /** It was answered and is expected back. */
  told(): void {
    this.#endUnlessBackWithin(this.#patienceMilliseconds);
  }

  /** It hung up. */
  leave(): void {
    this.#endUnlessBackWithin(hangUpGraceMilliseconds);
  }

  caughtUp(): Promise<void> {
    if (!this.#behind) return Promise.resolve();
    return new Promise((resolve) => this.#caughtUp.add(resolve));
  }

  waitForChange(milliseconds: number, gone: AbortSignal): Promise<PollEnding> {
    return new Promise((resolve) => {
      const answer = (ending: PollEnding) => {
        clearTimeout(timeout);
        gone.removeEventListener('abort', onHangUp);
        this.#changes.delete(answer);
        resolve(ending);
      };
      const onHangUp = () => answer('hung-up');
      const timeout = setTimeout(() => answer('unchanged'), milliseconds);
      this.#changes.add(answer);
      if (gone.aborted) onHangUp();
      else gone.addEventListener('abort', onHangUp, { once: true });
    });
  }

  end(): void {
    clearTimeout(this.#patience);
    this.#onEnd();
    this.#behind = false;
    this.#resolveCaughtUp();
    for (const answer of this.#changes) answer('unchanged');
  }

  #endUnlessBackWithin(milliseconds: number): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.end(), milliseconds);
    this.#patience.unref();
  }

  #resolveCaughtUp(): void {
    for (const resolve of this.#caughtUp) resolve();
    this.#caughtUp.clear();
  }
}
