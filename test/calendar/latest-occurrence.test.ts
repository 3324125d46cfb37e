import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestOccurrence } from '../../src/calendar/latest-occurrence.ts';
import { repetitions } from '../counts.ts';
import { stretches } from './minutes.ts';

const inBerlin = (schedule: string, after: string, upTo: string) =>
  latestOccurrence({ schedule, timeZone: 'Europe/Berlin' }, after, upTo);

describe('the latest occurrence', () => {
  it.each<[sentence: string, schedule: string, after: string, upTo: string, expected: string | undefined]>([
    [
      'is not there a millisecond before',
      '0 0 4 * * *',
      '2026-01-10T12:00:00.000Z',
      '2026-01-11T02:59:59.999Z',
      undefined,
    ],
    [
      'is there to the moment, by the clocks of the time zone',
      '0 0 4 * * *',
      '2026-01-10T12:00:00.000Z',
      '2026-01-11T03:00:00.000Z',
      '2026-01-11T03:00:00.000Z',
    ],
    [
      'is an hour earlier in summer',
      '0 0 4 * * *',
      '2026-07-10T12:00:00.000Z',
      '2026-07-11T12:00:00.000Z',
      '2026-07-11T02:00:00.000Z',
    ],
    [
      'is not the one that was there before',
      '0 0 4 * * *',
      '2026-01-11T03:00:00.000Z',
      '2026-01-12T02:00:00.000Z',
      undefined,
    ],
    [
      'is the last of many that were missed',
      '0 0 4 * * *',
      '2024-01-01T00:00:00.000Z',
      '2026-01-11T12:00:00.000Z',
      '2026-01-11T03:00:00.000Z',
    ],
    [
      'is to the second',
      '30 */5 * * * *',
      '2026-01-11T03:00:00.000Z',
      '2026-01-11T03:06:10.000Z',
      '2026-01-11T03:05:30.000Z',
    ],
    [
      'needs day and day of the week to fit: the only Friday 13th of the quarter',
      '0 0 4 13 * Fri',
      '2026-01-01T00:00:00.000Z',
      '2026-02-28T00:00:00.000Z',
      '2026-02-13T03:00:00.000Z',
    ],
    [
      'of 29 February is years ago',
      '0 0 4 29 2 *',
      '2020-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
      '2024-02-29T03:00:00.000Z',
    ],
    [
      'of a time that the clocks skip comes when they have skipped it',
      '0 30 2 * * *',
      '2026-03-28T12:00:00.000Z',
      '2026-03-29T12:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'of the first moment that the clocks skip comes at the same',
      '0 0 2 * * *',
      '2026-03-28T12:00:00.000Z',
      '2026-03-29T12:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'of a time that the clocks show twice comes the first time',
      '0 30 2 * * *',
      '2026-10-24T12:00:00.000Z',
      '2026-10-25T12:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'and not again the second time',
      '0 30 2 * * *',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T12:00:00.000Z',
      undefined,
    ],
    [
      'is found while the clocks show a time again',
      '0 45 2 * * *',
      '2026-10-24T12:00:00.000Z',
      '2026-10-25T01:10:00.000Z',
      '2026-10-25T00:45:00.000Z',
    ],
  ])('%s', (_sentence, schedule, after, upTo, expected) => {
    expect(inBerlin(schedule, after, upTo)).toBe(expected);
  });

  it('is where a minute by minute look at the clocks finds it, also where they change', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...stretches),
        expressions,
        fc.nat(5_759),
        fc.nat(5_759),
        ({ timeZone, minutes }, { text, fits }, one, other) => {
          const [from, to] = [Math.min(one, other), Math.max(one, other)];
          const found = minutes.slice(from + 1, to + 1).findLast(({ cameTo }) => cameTo.some(fits));
          const instant = (index: number) => new Date(minutes[index]?.at ?? 0).toISOString();
          expect(latestOccurrence({ schedule: text, timeZone }, instant(from), instant(to))).toBe(
            found && new Date(found.at).toISOString(),
          );
        },
      ),
      { numRuns: repetitions({ quick: 400, soak: 50_000 }) },
    );
  }, 300_000);
});

interface Expression {
  readonly text: string;
  /** Of a time of a wall clock, in milliseconds since 1970 as if it were in UTC. */
  readonly fits: (wall: number) => boolean;
}

interface Field {
  readonly text: string;
  readonly has: (value: number) => boolean;
}

/** One field, with what it means said in another way than the parser does. */
function field(least: number, most: number): fc.Arbitrary<Field> {
  const value = fc.integer({ min: least, max: most });
  const step = fc.integer({ min: 1, max: most });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({ text: '*', has: () => true }) },
    value.map((one) => ({ text: `${one}`, has: (asked: number) => asked === one })),
    step.map((each) => ({
      text: `*/${each}`,
      has: (asked: number) => (asked - least) % each === 0,
    })),
    fc.tuple(value, value).map(([one, other]) => ({
      text: `${one}-${other}`,
      has: (asked: number) => (asked >= one && asked <= other) || (asked >= other && asked <= one),
    })),
    fc.tuple(value, step).map(([one, each]) => ({
      text: `${one}/${each}`,
      has: (asked: number) => asked >= one && (asked - one) % each === 0,
    })),
    fc.tuple(value, value, value).map((all) => ({
      text: all.join(','),
      has: (asked: number) => all.includes(asked),
    })),
  );
}

const expressions: fc.Arbitrary<Expression> = fc
  .tuple(field(0, 59), field(0, 23), fc.oneof(field(1, 28), fc.constant(anyDay())), field(0, 6))
  .map(([minute, hour, day, dayOfWeek]) => ({
    text: `0 ${minute.text} ${hour.text} ${day.text} * ${dayOfWeek.text}`,
    fits: (wall) => {
      const date = new Date(wall);
      return (
        minute.has(date.getUTCMinutes()) &&
        hour.has(date.getUTCHours()) &&
        day.has(date.getUTCDate()) &&
        dayOfWeek.has(date.getUTCDay())
      );
    },
  }));

function anyDay(): Field {
  return { text: '*', has: () => true };
}
