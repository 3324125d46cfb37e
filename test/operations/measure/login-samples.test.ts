import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LoginSample,
  readReplacement,
  steadyFrom,
} from '../../../src/operations/measure/login-samples.ts';
import { repetitions } from '../../counts.ts';

/** Samples a second apart, of both passwords: `n` new accepted, `o` old accepted, `b` both, `.` neither. */
function samples(text: string): LoginSample[] {
  return [...text].flatMap((each, index): LoginSample[] => [
    { after: index * 1_000, password: 'new', accepted: each === 'n' || each === 'b' },
    { after: index * 1_000, password: 'old', accepted: each === 'o' || each === 'b' },
  ]);
}

describe('what samples say of a replaced password', () => {
  it.each([
    [
      'ooonnn',
      { newFirstAccepted: 3_000, newAlwaysFrom: 3_000, oldFirstRefused: 3_000, oldNeverFrom: 3_000 },
    ],
    [
      'obobnn',
      { newFirstAccepted: 1_000, newAlwaysFrom: 3_000, oldFirstRefused: 4_000, oldNeverFrom: 4_000 },
    ],
    ['oonono', { newFirstAccepted: 2_000, oldFirstRefused: 2_000 }],
    ['oooooo', {}],
  ])('%s', (text, expected) => {
    expect(readReplacement(samples(text))).toMatchObject(expected);
  });

  it('tells how long neither of the two worked', () => {
    expect(readReplacement(samples('oo..nn')).neitherFor).toBe(1_000);
    expect(readReplacement(samples('oonn')).neitherFor).toBe(0);
    expect(readReplacement([]).neitherFor).toBe(0);
  });

  it('calls steady only what stays so to the end', () => {
    const sample = fc.record({ after: fc.nat(), accepted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(sample), fc.boolean(), (taken, accepted) => {
        const ordered = taken.toSorted((one, other) => one.after - other.after);
        const from = steadyFrom(ordered, accepted);
        if (from === undefined) expect(ordered.at(-1)?.accepted).not.toBe(accepted);
        else
          expect(
            ordered.filter(({ after }) => after > from).every((each) => each.accepted === accepted),
          ).toBe(true);
      }),
      { numRuns: repetitions({ quick: 200, soak: 5_000 }) },
    );
  });
});
