import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  timeSpanInMilliseconds,
  timeSpanText,
} from '../../../../infra/local/functions-host/settings/time-span.ts';

describe('timeSpanInMilliseconds', () => {
  const accepted: Record<string, [text: string, milliseconds: number]> = {
    'reads hours, minutes and seconds': ['00:05:00', 300_000],
    'reads hours and minutes alone': ['01:30', 5_400_000],
    'reads days before a dot': ['3.00:00:00', 259_200_000],
    'reads days before a colon': ['1:02:03:04', 93_784_000],
    'reads fractions of a second': ['00:00:00.0010000', 1],
    'reads a negative span': ['-00:00:00.0010000', -1],
    'takes a bare number for days, as .NET does': ['5', 432_000_000],
  };
  for (const [sentence, [text, milliseconds]] of Object.entries(accepted))
    test(sentence, () => expect(timeSpanInMilliseconds(text)).toBeCloseTo(milliseconds));

  for (const text of ['', '24:00:00', '00:60:00', '00:00:60', 'PT5M', '0 */5 * * * *', '1:2:3:4:5'])
    test(`does not take "${text}" for a span`, () => expect(timeSpanInMilliseconds(text)).toBeUndefined());

  test('reads back what timeSpanText writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -4e12, max: 4e12 }), (milliseconds) => {
        expect(timeSpanInMilliseconds(timeSpanText(milliseconds))).toBeCloseTo(milliseconds, 0);
      }),
    );
  });
});
