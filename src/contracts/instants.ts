import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { type Duration, milliseconds } from './durations.ts';
import { violation } from './violations.ts';

/** A moment as ISO 8601 text in UTC with milliseconds, `2026-03-01T12:00:00.000Z`; compares as text. */
export type Instant = string;

/** The last moment that Keyturn handles: the vault's SDK cuts later expiry dates down to 32 bits. */
export const latestInstant: Instant = '2038-01-18T23:59:59.999Z';

/** Any offset is read, and any number of digits; the result is in UTC, of a year up to 9999, so that it compares as text. */
export const instantSchema = z.iso
  .datetime({ offset: true, ...violation('invalidInstant'), abort: true })
  .overwrite(inUtc)
  .refine((text) => /^\d{4}-/.test(text), violation('invalidInstant'));

/** A date that something ends by, not after `latestInstant`. */
export const dateSchema = instantSchema.refine((text) => text <= latestInstant, violation('dateTooLate'));

/** The moment a duration after another; never after `latestInstant`. */
export function later(from: Instant, duration: Duration): Instant {
  const moved = Math.min(Date.parse(from) + milliseconds(duration), Date.parse(latestInstant));
  return new Date(moved).toISOString();
}

function inUtc(text: string): Instant {
  const inNanoseconds = text.replace(/(\.\d{9})\d+/, '$1');
  return Temporal.Instant.from(inNanoseconds).toString({ smallestUnit: 'millisecond' });
}
