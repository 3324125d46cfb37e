import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationOrZeroSchema, durationSchema, milliseconds } from '../../src/contracts/durations.ts';
import { dateSchema, instantSchema, later, latestInstant } from '../../src/contracts/instants.ts';
import { instant } from './arbitrary-command.ts';

const day = 86_400_000;

describe('a duration', () => {
  it.each([
    ['PT1S', 1_000],
    ['PT72H', 3 * day],
    ['P14D', 14 * day],
    ['P2W', 14 * day],
    ['P1DT2H3M4S', day + 7_384_000],
    ['P7300D', 7_300 * day],
  ])('%s is %i ms', (text, expected) => {
    expect(durationSchema.parse(text)).toBe(text);
    expect(milliseconds(text)).toBe(expected);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1M',
    'P1Y',
    'PT0.5S',
    '-P1D',
    '+P1D',
    'p1d',
    'P1H',
    'P7301D',
    '60',
    ' P1D',
    'P1D\n',
    'P1DT',
  ])('%j is none', (text) => expect(durationOrZeroSchema.safeParse(text).success).toBe(false));

  it.each(['PT0S', 'P0D', 'P0W'])('%s is one only where zero is allowed', (text) => {
    expect(durationOrZeroSchema.safeParse(text).success).toBe(true);
    expect(durationSchema.safeParse(text).success).toBe(false);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T13:00:00.1234567+01:00', '2026-03-01T12:00:00.123Z'],
    ['2025-09-09T08:23:34.4482181+00:00', '2025-09-09T08:23:34.448Z'],
    ['2028-02-29T00:00:00-00:30', '2028-02-29T00:30:00.000Z'],
    [`2026-03-01T12:00:00.${'7'.repeat(200)}Z`, '2026-03-01T12:00:00.777Z'],
  ])('%s is read as %s', (text, expected) => expect(instantSchema.parse(text)).toBe(expected));

  it.each([
    '2026-03-01',
    '2026-03-01T12:00:00',
    '2027-02-29T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '9999-12-31T23:59:59-01:00',
    'now',
    '',
  ])('%j is none', (text) => expect(instantSchema.safeParse(text).success).toBe(false));

  it('is an end of something only up to the last day that the vault can store', () => {
    expect(dateSchema.safeParse('2038-01-18T23:59:59.999Z').success).toBe(true);
    expect(dateSchema.safeParse('2038-01-19T00:00:00.000Z').success).toBe(false);
    expect(dateSchema.safeParse('2038-01-18T23:30:00-01:00').success).toBe(false);
    expect(Date.parse(latestInstant) / 1_000).toBeLessThan(2 ** 31);
  });

  it('compares as text as it does in time', () => {
    fc.assert(
      fc.property(instant, instant, (one, other) => {
        expect(one < other).toBe(Date.parse(one) < Date.parse(other));
      }),
    );
  });

  it('is later by a duration, but never after the last one', () => {
    expect(later('2026-03-01T12:00:00.000Z', 'P60D')).toBe('2026-04-30T12:00:00.000Z');
    expect(later('2038-01-01T00:00:00.000Z', 'P60D')).toBe(latestInstant);
    expect(later('9999-12-31T23:59:59.999Z', 'P7300D')).toBe(latestInstant);
  });
});
