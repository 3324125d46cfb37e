import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../contracts/instants.ts';
import { type Crontab, parseCrontab } from './crontab.ts';
import { instantOfWallClock, latestWallClock, wallClockAt } from './wall-clock.ts';

/** When something is to happen again and again. */
export interface Recurrence {
  /** NCRONTAB, of six fields. */
  readonly schedule: string;
  readonly timeZone: string;
}

/** The latest occurrence after one moment and not after another; undefined if there is none. */
export function latestOccurrence(
  { schedule, timeZone }: Recurrence,
  after: Instant,
  upTo: Instant,
): Instant | undefined {
  const crontab = parseCrontab(schedule);
  const wall = crontab && latestFit(crontab, latestWallClock(upTo, timeZone), wallClockAt(after, timeZone));
  const occurrence = wall && instantOfWallClock(wall, timeZone);
  return occurrence !== undefined && occurrence > after && occurrence <= upTo ? occurrence : undefined;
}

/** The latest date and time that fits, up to `from`, and not on a date before that of `end`. */
function latestFit(
  crontab: Crontab,
  from: Temporal.PlainDateTime,
  end: Temporal.PlainDateTime,
): Temporal.PlainDateTime | undefined {
  let date = from.toPlainDate();
  // The wall clock may have been put back since `end`.
  const last = end.toPlainDate().subtract({ days: 1 });
  let until = from.toPlainTime();
  while (Temporal.PlainDate.compare(date, last) >= 0) {
    const time = fitsDate(crontab, date) ? latestTime(crontab, until) : undefined;
    if (time) return date.toPlainDateTime(time);
    date = date.subtract({ days: 1 });
    until = endOfDay;
  }
  return undefined;
}

const endOfDay = new Temporal.PlainTime(23, 59, 59);

function fitsDate({ months, days, daysOfWeek }: Crontab, date: Temporal.PlainDate): boolean {
  return months.has(date.month) && days.has(date.day) && daysOfWeek.has(date.dayOfWeek % 7);
}

/** The latest time of a day that fits, up to `until`. */
function latestTime(
  { hours, minutes, seconds }: Crontab,
  until: Temporal.PlainTime,
): Temporal.PlainTime | undefined {
  for (const hour of downwards(hours, until.hour)) {
    for (const minute of downwards(minutes, hour === until.hour ? until.minute : 59)) {
      const isLast = hour === until.hour && minute === until.minute;
      const [second] = downwards(seconds, isLast ? until.second : 59);
      if (second !== undefined) return new Temporal.PlainTime(hour, minute, second);
    }
  }
  return undefined;
}

function downwards(values: ReadonlySet<number>, most: number): number[] {
  return [...values].filter((value) => value <= most).sort((one, other) => other - one);
}
