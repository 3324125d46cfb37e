import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTags, tagsOf } from '../../src/lifecycle/secret-tags.ts';
import { at, credential, day, identity, managed } from './build.ts';

describe('the tags of a secret version', () => {
  it('say which password it carries and how its token is managed', () => {
    expect(tagsOf(identity, managed({ endOfLife: at(day) }), credential(0))).toEqual({
      registry: 'contoso',
      loginServer: 'contoso.azurecr.io',
      token: 'team-web',
      incarnation: '1',
      generation: '1',
      slot: 'password1',
      slotCreatedAt: at(0),
      entrance: 'token-requests',
      owner: 'team-web',
      schedule: 'standard P60D P14D',
      endOfLife: at(day),
      delivery: 'password',
      scopeMap: 'shared-read',
    });
  });

  it('fit into what Key Vault takes: 15 tags of at most 256 characters, whatever the names', () => {
    const longest = {
      identity: {
        registry: 'r'.repeat(50),
        loginServer: `${'l'.repeat(60)}.azurecr.io`,
        token: 't'.repeat(50),
      },
      managed: managed({
        entrance: 'e'.repeat(50),
        owner: 'o'.repeat(128),
        endOfLife: at(day),
        access: { scopeMap: 's'.repeat(50), own: true },
        schedule: {
          profile: 'p'.repeat(50),
          rotateEvery: 'P9999W9999DT999999H',
          overlap: 'P9999W9999DT999999H',
        },
      }),
    };
    const tags = tagsOf(longest.identity, longest.managed, credential(0));
    expect(Object.keys(tags).length).toBeLessThanOrEqual(15);
    for (const value of Object.values(tags)) expect(value.length).toBeLessThanOrEqual(256);
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99_999 }),
        fc.integer({ min: 1, max: 99_999 }),
        (incarnation, generation) => {
          const tags = tagsOf(
            identity,
            managed(),
            credential(0, { incarnation, generation, slot: 'password2' }),
          );
          expect(readTags(tags, identity)).toMatchObject({
            incarnation,
            generation,
            slot: 'password2',
            slotCreatedAt: at(0),
            schedule: ['standard', 'P60D', 'P14D'],
          });
        },
      ),
    );
  });

  it('are those of this token whatever the case of its names', () => {
    const tags = {
      ...tagsOf(identity, managed(), credential(0)),
      token: 'TEAM-Web',
      loginServer: 'Contoso.azurecr.io',
    };
    expect(readTags(tags, identity)).toBeDefined();
  });

  it.each(['registry', 'loginServer', 'token'])('are not read for a token with another %s', (part) => {
    const tags = tagsOf(identity, managed(), credential(0));
    expect(readTags({ ...tags, [part]: 'somebody-else' }, identity)).toBeUndefined();
  });

  it('are not read at all unless each of them can be', () => {
    const tags = tagsOf(identity, managed(), credential(0));
    for (const name of Object.keys(tags)) {
      const { [name]: _left, ...others } = tags;
      expect(readTags(others, identity)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(tags)), fc.string()), (damage) => {
        const read = readTags({ ...tags, ...damage }, identity);
        if (read) expect(read.incarnation).toBeGreaterThan(0);
      }),
    );
  });
});
