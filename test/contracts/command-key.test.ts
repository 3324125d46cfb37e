import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandKey } from '../../src/contracts/command-key.ts';

describe('the key of a command', () => {
  it('stays the same in all releases, since records are kept under it', () => {
    expect(commandKey('token-requests', { source: '/form', id: '42' })).toBe(
      'bc2002d188a0e939acfd7c85ab18fc7c42647e455687069a9eedaaeda5cb5d96',
    );
  });

  it('is another one when entrance, source or id differ, also by where one ends and the next begins', () => {
    const parts = fc.tuple(fc.string(), fc.string(), fc.string());
    const keyOf = ([entrance, source, id]: readonly [string, string, string]) =>
      commandKey(entrance, { source, id });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(keyOf(one) === keyOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
    expect(keyOf(['a', 'bc', 'd'])).not.toBe(keyOf(['ab', 'c', 'd']));
    expect(keyOf(['a', 'b","c', 'd'])).not.toBe(keyOf(['a', 'b', 'c","d']));
  });
});
