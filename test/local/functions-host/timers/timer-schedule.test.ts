import { describe, expect, test } from 'vitest';
import {
  parseTimerSchedule,
  type TimerSchedule,
} from '../../../../infra/local/functions-host/timers/timer-schedule.ts';

function schedule(text: string, timeZone = 'UTC'): TimerSchedule {
  const parsed = parseTimerSchedule(text, timeZone);
  if (!parsed) throw new Error(`${text} is not a schedule`);
  return parsed;
}

/** The next occurrences in UTC, one after the other. */
function occurrences(text: string, timeZone: string, after: string, count: number): string[] {
  const found: string[] = [];
  let instant = new Date(after).getTime();
  for (let index = 0; index < count; index++) {
    instant = schedule(text, timeZone).next(instant) ?? Number.NaN;
    found.push(new Date(instant).toISOString().slice(0, 16));
  }
  return found;
}

describe('parseTimerSchedule', () => {
  test('takes what is no crontab for a TimeSpan: a constant interval from the last run', () => {
    expect(schedule('00:05:00').next(1000)).toBe(301_000);
  });

  for (const text of ['', 'often', '0 0 0 * * 7', '00:00:00'])
    test(`refuses "${text}"`, () => expect(parseTimerSchedule(text, 'UTC')).toBeUndefined());
});

describe('with daylight saving time (Pacific: 2018-03-11 at 10:00Z on, 2018-11-04 at 09:00Z off)', () => {
  const zone = 'America/Los_Angeles';
  const table: Record<string, [schedule: string, after: string, expected: string[]]> = {
    'reads the schedule in local time': [
      '0 30 1 * * *',
      '2018-07-01T00:00:00Z',
      ['2018-07-01T08:30', '2018-07-02T08:30'],
    ],
    'fires an hour later when its hour is skipped in spring': [
      '0 30 2 * * *',
      '2018-03-10T12:00:00Z',
      ['2018-03-11T10:30', '2018-03-12T09:30'],
    ],
    'fires a point in time once in the hour that comes twice': [
      '0 30 1 * * *',
      '2018-11-03T12:00:00Z',
      ['2018-11-04T08:30', '2018-11-05T09:30'],
    ],
    'leaves out a point in time when it starts in the second of the two hours': [
      '0 30 1 * * *',
      '2018-11-04T09:10:00Z',
      ['2018-11-05T09:30'],
    ],
    'goes on firing an interval through both hours': [
      '0 */30 * * * *',
      '2018-11-04T07:45:00Z',
      ['2018-11-04T08:00', '2018-11-04T08:30', '2018-11-04T09:00', '2018-11-04T09:30', '2018-11-04T10:00'],
    ],
    'goes on firing an interval over the skipped hour': [
      '0 */30 * * * *',
      '2018-03-11T09:15:00Z',
      ['2018-03-11T09:30', '2018-03-11T10:00', '2018-03-11T10:30'],
    ],
  };
  for (const [sentence, [text, after, expected]] of Object.entries(table))
    test(sentence, () => expect(occurrences(text, zone, after, expected.length)).toEqual(expected));

  test('a TimeSpan pays it no heed', () => {
    expect(occurrences('12:00:00', zone, '2018-11-04T00:00:00Z', 2)).toEqual([
      '2018-11-04T12:00',
      '2018-11-05T00:00',
    ]);
  });
});

describe('isTooFrequentToMonitor', () => {
  const table: Record<string, [schedule: string, isTooFrequent: boolean]> = {
    'is so for every ten seconds': ['*/10 * * * * *', true],
    'is not so for every minute': ['0 * * * * *', false],
    'is not so for every second of one hour a day': ['* * 3 * * *', false],
    'is so for a TimeSpan of half a minute': ['00:00:30', true],
    'is not so for a TimeSpan of a minute': ['00:01:00', false],
    'is not so for five fields': ['* * * * *', false],
  };
  for (const [sentence, [text, isTooFrequent]] of Object.entries(table))
    test(sentence, () => {
      expect(schedule(text).isTooFrequentToMonitor(Date.parse('2024-05-01T12:00:00.5Z'))).toBe(isTooFrequent);
    });
});
