import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import type { Instant } from '../contracts/instants.ts';
import { violation } from '../contracts/violations.ts';
import { timeZoneSchema } from './time-zone.ts';
import { instantOfWallClock, wallClockAt } from './wall-clock.ts';

export const daysOfWeek = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, violation('invalidTimeOfDay'));

/** A span of time that comes back on some days of the week. */
export const weeklyWindowSchema = z.strictObject({
  /** On which days it opens; every day, if left out. */
  days: z.array(z.enum(daysOfWeek)).min(1).optional(),
  from: timeOfDaySchema,
  /** The first moment that is outside again; if that is not later than `from`, on the day after. */
  to: timeOfDaySchema,
  timeZone: timeZoneSchema.default('UTC'),
});

export type WeeklyWindow = Readonly<z.output<typeof weeklyWindowSchema>>;

/** One time that a window is open: `closesAt` is outside again. */
export interface Opening {
  readonly opensAt: Instant;
  readonly closesAt: Instant;
}

/** A window that lies where clocks are put forward is not there once; the one a week later is. */
const longestSearch = 16;

/** The opening of a window that a moment lies in, or the next one after it. */
export function openingFrom(window: WeeklyWindow, instant: Instant): Opening | undefined {
  const today = wallClockAt(instant, window.timeZone).toPlainDate();
  for (let days = -1; days <= longestSearch; days += 1) {
    const opening = openingOn(window, today.add({ days }));
    if (opening && opening.closesAt > instant) return opening;
  }
  return undefined;
}

function openingOn(
  { days, from, to, timeZone }: WeeklyWindow,
  date: Temporal.PlainDate,
): Opening | undefined {
  if (days && !days.some((day) => day === daysOfWeek[date.dayOfWeek - 1])) return undefined;
  const lastDate = to > from ? date : date.add({ days: 1 });
  const opensAt = instantOfWallClock(date.toPlainDateTime(Temporal.PlainTime.from(from)), timeZone);
  const closesAt = instantOfWallClock(lastDate.toPlainDateTime(Temporal.PlainTime.from(to)), timeZone);
  return opensAt < closesAt ? { opensAt, closesAt } : undefined;
}
