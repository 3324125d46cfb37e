import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsAny, nameFitsAny } from '../../src/policy/text-pattern.ts';

describe('a text fits a pattern', () => {
  it('exactly if a regular expression says so, in which each star is any text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 6 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '*'), maxLength: 6 });
    fc.assert(
      fc.property(letters, pattern, (text, written) => {
        const expression = new RegExp(`^${written.split('*').map(RegExp.escape).join('.*')}$`, 's');
        expect(fitsAny(text, [written])).toBe(expression.test(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['web', ['*'], true],
    ['', ['*'], true],
    ['web-team', ['web-*'], true],
    ['web', ['web-*'], false],
    ['my-web-team', ['*web*'], true],
    ['aba', ['ab*ba'], false],
    ['a', ['*a*a*'], false],
    ['web', ['shop', 'web'], true],
    ['web', [], false],
    ['Web', ['web'], false],
  ])('%j, %j: %s', (text, patterns, expected) => expect(fitsAny(text, patterns)).toBe(expected));

  it('in any case, if it is the name of a resource', () => {
    expect(nameFitsAny('Web-Team', ['wEB-*'])).toBe(true);
  });
});
