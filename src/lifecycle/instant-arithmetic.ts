import { type Instant, latestInstant } from '../contracts/instants.ts';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The moment some milliseconds after (negative: before) another; never after `latestInstant`. */
export function plus(instant: Instant, milliseconds: number): Instant {
  const moved = new Date(Math.min(Date.parse(instant) + milliseconds, Date.parse(latestInstant)));
  return moved.toISOString();
}

/** Milliseconds from one moment to another; negative if it lies before. */
export function millisecondsBetween(from: Instant, to: Instant): number {
  return Date.parse(to) - Date.parse(from);
}

/** The first of some moments; nothing if none is given. */
export function earliest(first: Instant, ...instants: readonly (Instant | undefined)[]): Instant;
export function earliest(...instants: readonly (Instant | undefined)[]): Instant | undefined;
export function earliest(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  return instants.filter((instant) => instant !== undefined).sort()[0];
}

/** The last of some moments; nothing if none is given. */
export function latest(first: Instant, ...instants: readonly (Instant | undefined)[]): Instant;
export function latest(...instants: readonly (Instant | undefined)[]): Instant | undefined;
export function latest(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  return instants
    .filter((instant) => instant !== undefined)
    .sort()
    .at(-1);
}

/** Whether a moment has come; a moment that is not set never does. */
export function isDue(instant: Instant | undefined, now: Instant): boolean {
  return instant !== undefined && instant <= now;
}
