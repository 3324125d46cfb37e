import type { Clock } from '../ports/clock.ts';

/** The machine's clock: the only place in `src/` where the time comes from. */
export const systemClock: Clock = { now: () => new Date() };
