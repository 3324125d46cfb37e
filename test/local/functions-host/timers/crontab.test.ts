import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { nextOccurrence, parseCrontab } from '../../../../infra/local/functions-host/timers/crontab.ts';

function next(expression: string, after: string): string | undefined {
  const crontab = parseCrontab(expression);
  if (!crontab) throw new Error(`${expression} is not an expression`);
  return nextOccurrence(crontab, Temporal.PlainDateTime.from(after))?.toString();
}

describe('parseCrontab', () => {
  const rejected: Record<string, string> = {
    'four fields': '* * * *',
    'seven fields': '* * * * * * *',
    'second 60': '60 * * * * *',
    'minute 60': '0 60 * * * *',
    'hour 24': '0 0 24 * * *',
    'day 0': '0 0 0 0 * *',
    'day 32': '0 0 0 32 * *',
    'month 13': '0 0 0 1 13 *',
    'day of week 7, which is no Sunday here': '0 0 0 * * 7',
    'a question mark': '0 0 0 ? * *',
    'the last day (L)': '0 0 0 L * *',
    'a nearest weekday (W)': '0 0 0 15W * *',
    'an nth weekday (#)': '0 0 0 * * 5#3',
    'an empty list entry': '0 1,,2 * * * *',
    'a step that is no number': '*/x * * * * *',
    'a name where none is known': 'Monday * * * * *',
  };
  for (const [what, expression] of Object.entries(rejected))
    test(`rejects ${what}`, () => expect(parseCrontab(expression)).toBeUndefined());

  const fields: Record<string, [expression: string, seconds: number[]]> = {
    'a list': ['5,1,9 * * * * *', [1, 5, 9]],
    'a range': ['3-6 * * * * *', [3, 4, 5, 6]],
    'a range the wrong way round, which is turned': ['6-3 * * * * *', [3, 4, 5, 6]],
    'a step over everything': ['*/20 * * * * *', [0, 20, 40]],
    'a step over a range': ['10-20/5 * * * * *', [10, 15, 20]],
    'a step from a number to the end': ['50/4 * * * * *', [50, 54, 58]],
    'a step of nothing, which is one': ['57-58/0 * * * * *', [57, 58]],
  };
  for (const [what, [expression, seconds]] of Object.entries(fields))
    test(`reads ${what}`, () => expect(parseCrontab(expression)?.second.values).toEqual(seconds));

  test('knows months and days of the week by the beginning of their names, whatever the case', () => {
    const crontab = parseCrontab('0 0 0 * jan,SEPT Mon-fri');
    expect(crontab?.month.values).toEqual([1, 9]);
    expect(crontab?.dayOfWeek.values).toEqual([1, 2, 3, 4, 5]);
  });

  test('takes the first name that begins so: J is January', () => {
    expect(parseCrontab('0 0 0 * J *')?.month.values).toEqual([1]);
  });
});

describe('nextOccurrence', () => {
  const table: Record<string, [expression: string, after: string, next: string | undefined]> = {
    'is strictly later': ['0 0 12 * * *', '2024-05-01T12:00:00', '2024-05-02T12:00:00'],
    'is on the second although the base is not': [
      '* * * * * *',
      '2024-05-01T12:00:00.9',
      '2024-05-01T12:00:01',
    ],
    'of five fields is at second 0': ['30 4 * * *', '2024-05-01T00:00:00', '2024-05-01T04:30:00'],
    'passes the end of the year': ['0 0 0 1 1 *', '2024-01-01T00:00:00', '2025-01-01T00:00:00'],
    'waits for the leap day': ['0 0 0 29 2 *', '2096-03-01T00:00:00', '2104-02-29T00:00:00'],
    'leaves out months that are too short': ['0 0 0 31 * *', '2024-04-01T00:00:00', '2024-05-31T00:00:00'],
    'needs day of month AND day of week (Unix cron needs one)': [
      '0 0 0 13 * 5',
      '2024-01-01T00:00:00',
      '2024-09-13T00:00:00',
    ],
    'does not exist for 30 February': ['0 0 0 30 2 *', '2024-01-01T00:00:00', undefined],
  };
  for (const [sentence, [expression, after, expected]] of Object.entries(table))
    test(sentence, () => expect(next(expression, after)).toBe(expected));

  test('is what looking at every second finds', () => {
    const some = (minimum: number, maximum: number) =>
      fc.uniqueArray(fc.integer({ min: minimum, max: maximum }), { minLength: 1, maxLength: 3 });
    const field = (minimum: number, maximum: number) =>
      fc.oneof(fc.constant(undefined), some(minimum, maximum));
    const fields = fc.tuple(
      field(0, 59),
      field(0, 59),
      field(0, 23),
      field(1, 31),
      field(1, 12),
      field(0, 6),
    );
    const base = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fields, base, (allowed, from) => {
        const expression = allowed.map((values) => values?.join(',') ?? '*').join(' ');
        const after = from.toISOString().slice(0, -1);
        const horizon = new Date(from.getTime() + 460 * 86_400_000);
        const found = bruteForce(allowed, from, horizon);
        if (found) expect(next(expression, after)).toBe(found);
        else
          expect(next(expression, after) ?? 'never').toSatisfy(
            (later: string) => later >= horizon.toISOString().slice(0, 19),
          );
      }),
      { numRuns: 300 },
    );
  });
});

/** Steps day by day and then second by second; undefined when nothing is found before the horizon. */
function bruteForce(
  allowed: readonly (number[] | undefined)[],
  from: Date,
  horizon: Date,
): string | undefined {
  const [seconds, minutes, hours, days, months, daysOfWeek] = allowed;
  const fits = (values: number[] | undefined, value: number) =>
    values === undefined || values.includes(value);
  let time = Math.floor(from.getTime() / 1000) * 1000 + 1000;
  while (time < horizon.getTime()) {
    const date = new Date(time);
    const dayFits =
      fits(days, date.getUTCDate()) &&
      fits(months, date.getUTCMonth() + 1) &&
      fits(daysOfWeek, date.getUTCDay());
    if (!dayFits) {
      time = (Math.floor(time / 86_400_000) + 1) * 86_400_000;
      continue;
    }
    if (
      fits(hours, date.getUTCHours()) &&
      fits(minutes, date.getUTCMinutes()) &&
      fits(seconds, date.getUTCSeconds())
    )
      return date.toISOString().slice(0, 19);
    time += 1000;
  }
  return undefined;
}
