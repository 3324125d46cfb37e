import { second } from '../lifecycle/instant-arithmetic.ts';
import type { Clock } from '../ports/clock.ts';

const rememberedFor = 30 * second;
/** Of the limit: from there on it is counted anew each time. */
const closeToLimit = 0.9;
/** Asks that may be under way at once in one process, and not be seen by a count that is read meanwhile. */
const mostUnderWay = 64;

/**
 * Counts that need not be exact while they are far below their limit, since to count is to read everything. Each ask
 * adds one, for whoever asks may be about to add one: so in one process a count is never told too low. What other
 * processes add goes unseen for 30 s; a limit is passed by it only if they add a tenth of it in that time.
 */
export class RememberedCounts {
  readonly #clock: Clock;
  readonly #counts = new Map<string, { count: number; readonly readAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The count, if it is known well enough; else it is read, and remembered. */
  async count(key: string, limit: number, read: () => Promise<number>): Promise<number> {
    const known = this.#counts.get(key);
    if (
      known &&
      this.#isFresh(known.readAt) &&
      known.count < Math.min(limit * closeToLimit, limit - mostUnderWay)
    ) {
      known.count += 1;
      return known.count - 1;
    }
    const count = await read();
    for (const [other, { readAt }] of this.#counts) if (!this.#isFresh(readAt)) this.#counts.delete(other);
    this.#counts.set(key, { count: count + 1, readAt: this.#now() });
    return count;
  }

  #isFresh(readAt: number): boolean {
    const age = this.#now() - readAt;
    return age >= 0 && age < rememberedFor;
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}
