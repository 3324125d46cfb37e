import { Temporal } from 'temporal-polyfill';

/**
 * One field of a crontab expression: the values at which it fires, in order.
 * @see https://github.com/atifaziz/NCrontab/wiki/Crontab-Expression
 */
export interface CrontabField {
  readonly values: readonly number[];
  /** Every value that the field can have. */
  readonly isFull: boolean;
}

/** A parsed NCRONTAB expression. Five-field expressions fire at second 0. */
export interface Crontab {
  readonly hasSeconds: boolean;
  readonly second: CrontabField;
  readonly minute: CrontabField;
  readonly hour: CrontabField;
  readonly day: CrontabField;
  readonly month: CrontabField;
  readonly dayOfWeek: CrontabField;
}

interface FieldKind {
  readonly minimum: number;
  readonly maximum: number;
  readonly names?: readonly string[];
}

const monthNames = 'January February March April May June July August September October November December';
const dayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday';
const sixty: FieldKind = { minimum: 0, maximum: 59 };
const hours: FieldKind = { minimum: 0, maximum: 23 };
const days: FieldKind = { minimum: 1, maximum: 31 };
const months: FieldKind = { minimum: 1, maximum: 12, names: monthNames.split(' ') };
const daysOfWeek: FieldKind = { minimum: 0, maximum: 6, names: dayNames.split(' ') };

/** Parses an expression of five or six fields as NCrontab does; undefined when it is none. */
export function parseCrontab(expression: string): Crontab | undefined {
  const texts = expression.split(' ').filter((text) => text !== '');
  const hasSeconds = texts.length !== 5;
  if (hasSeconds && texts.length !== 6) return undefined;
  const [secondText = '', minuteText = '', hourText = '', dayText = '', monthText = '', dayOfWeekText = ''] =
    hasSeconds ? texts : ['0', ...texts];
  const second = parseField(secondText, sixty);
  const minute = parseField(minuteText, sixty);
  const hour = parseField(hourText, hours);
  const day = parseField(dayText, days);
  const month = parseField(monthText, months);
  const dayOfWeek = parseField(dayOfWeekText, daysOfWeek);
  if (!second || !minute || !hour || !day || !month || !dayOfWeek) return undefined;
  return { hasSeconds, second, minute, hour, day, month, dayOfWeek };
}

/**
 * The first occurrence strictly later than a wall-clock time, to the second; undefined when there is none (30 February).
 * Day of month and day of week must both match, other than with Unix cron.
 */
export function nextOccurrence(
  crontab: Crontab,
  after: Temporal.PlainDateTime,
): Temporal.PlainDateTime | undefined {
  const start = after.round({ smallestUnit: 'second', roundingMode: 'floor' }).add({ seconds: 1 });
  let date = start.toPlainDate();
  // The calendar repeats after 400 years: what did not match by then never will.
  const end = date.add({ years: 400 });
  let from = start.toPlainTime();
  while (Temporal.PlainDate.compare(date, end) < 0) {
    if (!crontab.month.values.includes(date.month)) {
      date = date.with({ day: 1 }).add({ months: 1 });
      from = new Temporal.PlainTime();
      continue;
    }
    const time = matchesDate(crontab, date) ? firstTime(crontab, from) : undefined;
    if (time) return date.toPlainDateTime(time);
    date = date.add({ days: 1 });
    from = new Temporal.PlainTime();
  }
  return undefined;
}

function matchesDate(crontab: Crontab, date: Temporal.PlainDate): boolean {
  return crontab.day.values.includes(date.day) && crontab.dayOfWeek.values.includes(date.dayOfWeek % 7);
}

/** The first matching time of a day that is not before `from`. */
function firstTime(crontab: Crontab, from: Temporal.PlainTime): Temporal.PlainTime | undefined {
  const firstMinute = crontab.minute.values[0] ?? 0;
  const firstSecond = crontab.second.values[0] ?? 0;
  for (const hour of crontab.hour.values) {
    if (hour < from.hour) continue;
    if (hour > from.hour) return new Temporal.PlainTime(hour, firstMinute, firstSecond);
    for (const minute of crontab.minute.values) {
      if (minute < from.minute) continue;
      if (minute > from.minute) return new Temporal.PlainTime(hour, minute, firstSecond);
      const second = crontab.second.values.find((value) => value >= from.second);
      if (second !== undefined) return new Temporal.PlainTime(hour, minute, second);
    }
  }
  return undefined;
}

function parseField(text: string, kind: FieldKind): CrontabField | undefined {
  const values = new Set<number>();
  for (const element of text.split(',')) {
    const range = parseElement(element, kind);
    if (!range) return undefined;
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
  }
  const sorted = [...values].sort((one, other) => one - other);
  return { values: sorted, isFull: sorted.length === kind.maximum - kind.minimum + 1 };
}

const elementPattern = /^(?<first>[^-/]+)(?:-(?<last>[^-/]+))?(?:\/(?<step>[+-]?\d+))?$/;

/** `*`, `a`, `a-b`, each with an optional `/step`; `a/step` runs to the end, a range the wrong way round is turned. */
function parseElement(
  text: string,
  kind: FieldKind,
): { first: number; last: number; step: number } | undefined {
  const parts = elementPattern.exec(text)?.groups;
  if (!parts) return undefined;
  const step = Math.max(Number(parts.step ?? 1), 1);
  if (parts.first === '*') return parts.last ? undefined : { first: kind.minimum, last: kind.maximum, step };
  const first = parseValue(parts.first, kind);
  if (first === undefined) return undefined;
  if (parts.last === undefined) return { first, last: parts.step === undefined ? first : kind.maximum, step };
  const last = parseValue(parts.last, kind);
  return last === undefined ? undefined : { first: Math.min(first, last), last: Math.max(first, last), step };
}

/** A number in range, or the beginning of a month's or day's name. */
function parseValue(text: string | undefined, kind: FieldKind): number | undefined {
  if (!text) return undefined;
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    return value >= kind.minimum && value <= kind.maximum ? value : undefined;
  }
  const index = kind.names?.findIndex((name) => name.toLowerCase().startsWith(text.toLowerCase())) ?? -1;
  return index < 0 ? undefined : index + kind.minimum;
}
