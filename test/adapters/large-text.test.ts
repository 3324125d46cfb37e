import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinText, splitText } from '../../src/adapters/large-text.ts';
import { repetitions } from '../counts.ts';

describe('a large text', () => {
  it('comes back from pieces that each fit into a property and tear no pair of surrogates apart', () => {
    const text = fc
      .tuple(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(8_000), fc.string({ unit: 'binary' }))
      .map(([part, times, end]) => part.repeat(Math.min(times, 200_000 / (part.length + 1))) + end);
    fc.assert(
      fc.property(text, (whole) => {
        const pieces = splitText(whole);
        expect(joinText({ partitionKey: 'p', textual: 'no', ...pieces })).toBe(whole);
        for (const piece of Object.values(pieces)) {
          expect(piece.length).toBeLessThanOrEqual(32_000);
          if (whole.isWellFormed()) expect(piece.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: repetitions({ quick: 200, soak: 5_000 }) },
    );
  });

  it('of more than ten pieces keeps their order', () => {
    const whole = Array.from({ length: 15 }, (_, index) => String(index % 10).repeat(31_999)).join('');
    expect(joinText(splitText(whole))).toBe(whole);
    expect(() => splitText(`${whole}x`)).toThrow('tooLarge');
  });
});
