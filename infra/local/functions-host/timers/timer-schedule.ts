import { Temporal } from 'temporal-polyfill';
import { timeSpanInMilliseconds, timeSpanText } from '../settings/time-span.ts';
import { type Crontab, type CrontabField, nextOccurrence, parseCrontab } from './crontab.ts';

/** When a timer fires. Instants are in milliseconds since 1970. */
export interface TimerSchedule {
  /** The first occurrence strictly later than `after`; undefined when there is none. */
  next(after: number): number | undefined;
  /** Whether it is so frequent, as seen from `now`, that its status is not persisted. */
  isTooFrequentToMonitor(now: number): boolean;
  readonly adjustsForDaylightSaving: boolean;
  /** For the log, as the real host writes it. */
  readonly description: string;
}

/**
 * Parses the `schedule` of a timer trigger: an NCRONTAB expression in local time of a time zone, or a TimeSpan.
 * Undefined when it is neither.
 */
export function parseTimerSchedule(text: string, timeZone: string): TimerSchedule | undefined {
  const crontab = parseCrontab(text);
  if (crontab) return cronSchedule(text, crontab, timeZone);
  const interval = timeSpanInMilliseconds(text);
  return interval === undefined || interval <= 0 ? undefined : constantSchedule(interval);
}

function constantSchedule(interval: number): TimerSchedule {
  return {
    next: (after) => after + interval,
    isTooFrequentToMonitor: () => interval < 60_000,
    adjustsForDaylightSaving: false,
    description: `Constant: ${timeSpanText(interval)}`,
  };
}

function cronSchedule(text: string, crontab: Crontab, timeZone: string): TimerSchedule {
  const next = (after: number) => nextInZone(crontab, after, timeZone);
  return {
    next,
    isTooFrequentToMonitor: (now) =>
      !hasCoarseRestriction(crontab) && firesTwiceWithinAMinute(crontab, now, timeZone),
    adjustsForDaylightSaving: true,
    description: `Cron: '${text}'`,
  };
}

/** The real host looks at all fields but the first that is written; with five fields that leaves out the minutes. */
function hasCoarseRestriction({ hasSeconds, minute, hour, day, month, dayOfWeek }: Crontab): boolean {
  const fields = [...(hasSeconds ? [minute] : []), hour, day, month, dayOfWeek];
  return fields.some((field) => !field.isFull);
}

function firesTwiceWithinAMinute(crontab: Crontab, now: number, timeZone: string): boolean {
  const start = wallClock(now, timeZone).toPlainDateTime();
  const first = nextOccurrence(crontab, start);
  const second = first && nextOccurrence(crontab, first);
  return second !== undefined && Temporal.PlainDateTime.compare(second, start.add({ minutes: 1 })) < 0;
}

/**
 * The next occurrence with the real host's rules for daylight saving time: an occurrence in the hour that is skipped comes
 * an hour later; in the hour that comes twice a point in time fires once, an interval goes on firing.
 * @see https://github.com/Azure/azure-webjobs-sdk-extensions (CronSchedule)
 */
function nextInZone(crontab: Crontab, after: number, timeZone: string): number | undefined {
  const now = wallClock(after, timeZone);
  const plain = nextOccurrence(crontab, now.toPlainDateTime());
  if (!plain) return undefined;
  const next = plain.toZonedDateTime(timeZone, { disambiguation: 'later' });
  const offsetChange = (now.offsetNanoseconds - next.offsetNanoseconds) / 1e6;
  const nextComesTwice = isAmbiguous(plain, timeZone);
  if (isInterval(crontab)) {
    const crossesChange =
      (nextComesTwice || isAmbiguous(now.toPlainDateTime(), timeZone)) && offsetChange !== 0;
    return crossesChange ? next.epochMilliseconds - offsetChange : next.epochMilliseconds;
  }
  if (!nextComesTwice) return next.epochMilliseconds;
  if (offsetChange !== 0) return next.epochMilliseconds - offsetChange;
  return afterAmbiguousTime(crontab, plain, timeZone);
}

/** The clock has been turned back already: the occurrences of this hour have had their turn. */
function afterAmbiguousTime(
  crontab: Crontab,
  plain: Temporal.PlainDateTime,
  timeZone: string,
): number | undefined {
  let next: Temporal.PlainDateTime | undefined = plain;
  while (next && isAmbiguous(next, timeZone)) next = nextOccurrence(crontab, next);
  return next?.toZonedDateTime(timeZone, { disambiguation: 'later' }).epochMilliseconds;
}

function isAmbiguous(time: Temporal.PlainDateTime, timeZone: string): boolean {
  const earlier = time.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const later = time.toZonedDateTime(timeZone, { disambiguation: 'later' });
  return (
    earlier.epochMilliseconds !== later.epochMilliseconds &&
    Temporal.PlainDateTime.compare(earlier.toPlainDateTime(), later.toPlainDateTime()) === 0
  );
}

/** Any of seconds, minutes and hours is `*` or has two neighbouring values, as NCrontab prints them with `*` or `-`. */
function isInterval({ hasSeconds, second, minute, hour }: Crontab): boolean {
  return [...(hasSeconds ? [second] : []), minute, hour].some(
    (field: CrontabField) =>
      field.isFull || field.values.some((value, index) => field.values[index + 1] === value + 1),
  );
}

function wallClock(instant: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
}
