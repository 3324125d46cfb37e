import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysOfWeek, openingFrom, weeklyWindowSchema } from '../../src/calendar/weekly-window.ts';
import { repetitions } from '../counts.ts';
import { stretches } from './minutes.ts';

const window = (written: object) =>
  weeklyWindowSchema.parse({ from: '22:00', to: '04:00', timeZone: 'Europe/Berlin', ...written });

describe('a window', () => {
  it.each<[sentence: string, written: object, at: string, opensAt: string, closesAt: string]>([
    ['opens next', {}, '2026-01-10T12:00:00.000Z', '2026-01-10T21:00:00.000Z', '2026-01-11T03:00:00.000Z'],
    [
      'is open over midnight',
      {},
      '2026-01-11T01:00:00.000Z',
      '2026-01-10T21:00:00.000Z',
      '2026-01-11T03:00:00.000Z',
    ],
    [
      'is closed at its end, and opens again',
      {},
      '2026-01-11T03:00:00.000Z',
      '2026-01-11T21:00:00.000Z',
      '2026-01-12T03:00:00.000Z',
    ],
    [
      'belongs to the day on which it opens',
      { days: ['sat'] },
      '2026-01-11T01:00:00.000Z',
      '2026-01-10T21:00:00.000Z',
      '2026-01-11T03:00:00.000Z',
    ],
    [
      'of other days opens with the first of them',
      { days: ['mon', 'thu'] },
      '2026-01-10T12:00:00.000Z',
      '2026-01-12T21:00:00.000Z',
      '2026-01-13T03:00:00.000Z',
    ],
    [
      'from midnight to midnight is a whole day',
      { days: ['sun'], from: '00:00', to: '00:00' },
      '2026-01-10T12:00:00.000Z',
      '2026-01-10T23:00:00.000Z',
      '2026-01-11T23:00:00.000Z',
    ],
    [
      'has one hour less where clocks are put forward',
      {},
      '2026-03-28T12:00:00.000Z',
      '2026-03-28T21:00:00.000Z',
      '2026-03-29T02:00:00.000Z',
    ],
    [
      'has one hour more where clocks are put back',
      {},
      '2026-10-24T12:00:00.000Z',
      '2026-10-24T20:00:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ],
    [
      'that clocks skip altogether comes a week later',
      { days: ['sun'], from: '02:00', to: '03:00' },
      '2026-03-28T12:00:00.000Z',
      '2026-04-05T00:00:00.000Z',
      '2026-04-05T01:00:00.000Z',
    ],
  ])('%s', (_sentence, written, at, opensAt, closesAt) => {
    expect(openingFrom(window(written), at)).toEqual({ opensAt, closesAt });
  });

  it('is in UTC and of every day unless it says otherwise', () => {
    expect(weeklyWindowSchema.parse({ from: '22:00', to: '04:00' })).toEqual({
      from: '22:00',
      to: '04:00',
      timeZone: 'UTC',
    });
  });

  it.each([
    ['with a day that is none', { days: ['someday'] }, 'Invalid option'],
    ['on no day', { days: [] }, 'Too small'],
    ['at a time that is none', { from: '24:00' }, 'invalidTimeOfDay'],
    ['in a time zone that is none', { timeZone: 'Europe/Atlantis' }, 'invalidTimeZone'],
    ['in an offset, which knows nothing of summer', { timeZone: '+01:00' }, 'invalidTimeZone'],
  ])('is refused %s', (_why, written, message) => {
    const parsed = weeklyWindowSchema.safeParse({ from: '22:00', to: '04:00', ...written });
    expect(parsed.error?.issues[0]?.message).toContain(message);
  });

  it('is open where a minute by minute look at the clocks finds it open', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...stretches),
        fc.record({ days: fc.subarray([...daysOfWeek], { minLength: 1 }), from: times, to: times }),
        fc.integer({ min: 1_440, max: 5_759 }),
        ({ timeZone, minutes }, written, index) => {
          const opening = openingFrom(
            { ...written, timeZone },
            new Date(minutes[index]?.at ?? 0).toISOString(),
          );
          const isOpen =
            opening !== undefined && opening.opensAt <= new Date(minutes[index]?.at ?? 0).toISOString();
          const reached = Math.max(...minutes.slice(0, index + 1).flatMap(({ cameTo }) => cameTo));
          expect(isOpen).toBe(shouldBeOpen(written, reached));
          expect(opening && opening.closesAt > opening.opensAt).toBe(true);
        },
      ),
      { numRuns: repetitions({ quick: 200, soak: 20_000 }) },
    );
  }, 300_000);
});

const times = fc
  .tuple(fc.nat(23), fc.constantFrom(0, 15, 30, 45))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);

/** Whether clocks that have come to a time lie in the window that opened today or yesterday. */
function shouldBeOpen(
  { days, from, to }: { days: readonly string[]; from: string; to: string },
  reached: number,
): boolean {
  const isOn = (wall: number) => days.includes(daysOfWeek[(new Date(wall).getUTCDay() + 6) % 7] ?? '');
  const clock = new Date(reached).toISOString().slice(11, 16);
  const overMidnight = to <= from;
  const openedToday = isOn(reached) && clock >= from && (overMidnight || clock < to);
  return openedToday || (overMidnight && isOn(reached - 86_400_000) && clock < to);
}
