import { expect, it } from 'vitest';
import { timeOfTimer } from '../../src/reconcile/time-of-timer.ts';

const clock = { now: () => new Date('2026-03-01T12:00:00.250Z') };
const status = (next: string) => ({ scheduleStatus: { last: '', lastUpdated: '', next } });

it.each([
  [
    'its occurrence, on a clock that is ahead of the machine’s',
    '2026-05-01T00:05:00+00:00',
    '2026-05-01T00:05:00.000Z',
  ],
  ['its occurrence, in local time', '2026-05-01T02:05:00+02:00', '2026-05-01T00:05:00.000Z'],
  ['the machine’s, when it runs a moment late', '2026-03-01T12:00:00+00:00', '2026-03-01T12:00:00.250Z'],
  ['the machine’s, when the host was off for days', '2026-02-20T12:00:00+00:00', '2026-03-01T12:00:00.250Z'],
  ['the machine’s, before the first occurrence', '0001-01-01T00:00:00+00:00', '2026-03-01T12:00:00.250Z'],
  ['the machine’s, when the occurrence cannot be read', 'soon', '2026-03-01T12:00:00.250Z'],
])('the time of a timer’s run is %s', (_what, next, expected) => {
  expect(timeOfTimer(status(next), clock)).toBe(expected);
});

it('the time of a timer that nobody monitors is the machine’s', () => {
  const unmonitored = JSON.parse('{"scheduleStatus":null}') as Parameters<typeof timeOfTimer>[0];
  expect(timeOfTimer(unmonitored, clock)).toBe('2026-03-01T12:00:00.250Z');
});
