import { randomUUID } from 'node:crypto';
import { type Clock, MovableClock } from '../clock.ts';
import type { PartName } from '../control/parts.ts';
import { type CatchesUp, FollowedClock, type FollowedClockOptions } from './followed-clock.ts';

/** The clock that a host's timers follow, and what else the local cloud tells it. */
export interface HostClock {
  readonly clock: Clock;
  /** Whether the local cloud says that a part can be reached. */
  isReachable(part: PartName): boolean;
  /** Lets moves of the clock wait until a worker has caught up. */
  waitFor(worker: CatchesUp): void;
  close(): void;
}

/** The machine's clock, or one of this process that somebody else moves. */
export function ownClock(given?: Clock): HostClock {
  const clock = given ?? new MovableClock();
  const stops: (() => void)[] = [];
  return {
    clock,
    isReachable: () => true,
    waitFor(worker) {
      if (clock instanceof MovableClock)
        stops.push(clock.follow({ nextDue: undefined, caughtUp: () => worker.caughtUp() }));
    },
    close() {
      for (const stop of stops) stop();
      if (!given && clock instanceof MovableClock) clock.close();
    },
  };
}

/**
 * The clock of the local cloud whose control API is at the URL.
 * @throws UsageError when none answers.
 */
export async function cloudClock(
  controlUrl: string,
  options: Omit<FollowedClockOptions, 'id'>,
): Promise<HostClock> {
  const clock = await FollowedClock.follow(controlUrl, { ...options, id: `functions-host-${randomUUID()}` });
  return {
    clock,
    isReachable: (part) => clock.isReachable(part),
    waitFor: (worker) => void clock.waitFor(worker),
    close: () => clock.close(),
  };
}
