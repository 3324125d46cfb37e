import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTry, urgent } from '../../src/lifecycle/back-off.ts';
import { millisecondsBetween } from '../../src/lifecycle/instant-arithmetic.ts';
import { at, day, hour, minute, second, start } from './build.ts';

const now = start;
const token = 'team-web';

function delay(attempts: number, rest: Partial<Parameters<typeof nextTry>[0]> = {}): number {
  return millisecondsBetween(now, nextTry({ attempts, now, token, ...rest }));
}

describe('after a failure', () => {
  it('the next try comes within a minute, and twice as late each time, up to an hour', () => {
    const first = delay(1);
    expect(first).toBeGreaterThan(45 * second);
    expect(first).toBeLessThanOrEqual(minute);
    expect(Math.round(delay(2) / second)).toBe(Math.round((2 * first) / second));
    expect(Math.round(delay(6) / second)).toBe(Math.round((32 * first) / second));
    expect(delay(7)).toBe(delay(700));
    expect(delay(7)).toBeLessThanOrEqual(hour);
  });

  it('tokens that failed together do not come back together', () => {
    const delays = Array.from({ length: 100 }, (_none, index) => delay(7, { token: `token-${index}` }));
    expect(new Set(delays).size).toBeGreaterThan(95);
  });

  it('revoking is tried again within a second, and at least every minute', () => {
    expect(delay(1, { backOff: urgent })).toBeLessThanOrEqual(second);
    expect(delay(50, { backOff: urgent })).toBeLessThanOrEqual(minute);
  });

  it('a time that the service asked for is kept, and sooner tries are not made', () => {
    expect(delay(1, { askedFor: at(2 * hour) })).toBe(2 * hour);
    expect(delay(7, { askedFor: at(second) })).toBe(delay(7));
  });

  it('no service can put the next try off for longer than a day', () => {
    expect(delay(1, { askedFor: at(400 * day) })).toBe(day);
  });

  it('there is always more than one try before the deadline, down to a minute', () => {
    expect(delay(7, { deadline: at(hour) })).toBe(15 * minute);
    expect(delay(7, { deadline: at(2 * minute) })).toBe(minute);
    expect(delay(7, { deadline: at(30 * second) })).toBe(30 * second);
    expect(delay(7, { deadline: at(-hour) })).toBe(delay(7));
  });

  it('the next try is never in the past', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: -day, max: 100 * day }), (attempts, left) => {
        expect(delay(attempts, { deadline: at(left) })).toBeGreaterThan(0);
      }),
    );
  });
});
