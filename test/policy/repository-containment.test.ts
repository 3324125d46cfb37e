import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Repositories, repositoryActions, scopeMapActions } from '../../src/contracts/access.ts';
import { allows, contains, firstActionOutside } from '../../src/policy/repository-containment.ts';
import { repositories } from '../contracts/arbitrary-command.ts';

// Everything is compared with the plain meaning of wildcards on concrete repositories: all names of up to three
// segments over a small alphabet that has a segment no rule speaks of.

const segments = ['a', 'b', 'ab', 'unheard-of'];
const names = segments.flatMap((one) => [
  one,
  ...segments.flatMap((two) => [`${one}/${two}`, ...segments.map((three) => `${one}/${two}/${three}`)]),
]);

function matches(rule: string, name: string): boolean {
  const pattern = rule === '*' ? '.+' : rule.replace(/\/\*$/, '/.+');
  return new RegExp(`^${pattern}$`).test(name);
}

const ruledSegment = fc.constantFrom('a', 'b', 'ab');
const rule = fc.oneof(
  fc.constant('*'),
  fc.array(ruledSegment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  fc.array(ruledSegment, { minLength: 1, maxLength: 2 }).map((parts) => `${parts.join('/')}/*`),
);
const ruled = fc.dictionary(rule, fc.subarray([...repositoryActions], { minLength: 1 }), {
  maxKeys: 5,
  noNullPrototype: true,
});

function mayDo(allowed: Repositories, name: string, action: (typeof repositoryActions)[number]): boolean {
  return Object.entries(allowed).some(([outer, actions]) => actions.includes(action) && matches(outer, name));
}

describe('one wildcard lies within another', () => {
  it('exactly if all repositories that it stands for do', () => {
    fc.assert(
      fc.property(rule, rule, (outer, inner) => {
        const held = names.filter((name) => matches(inner, name));
        expect(held.length).toBeGreaterThan(0);
        expect(contains(outer, inner)).toBe(held.every((name) => matches(outer, name)));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['team/*', 'team', false],
    ['team/*', 'team-b/web', false],
    ['team/*', 'team/web', true],
    ['team/*', 'team/*', true],
    ['team/*', 'team/a/*', true],
    ['team/a/*', 'team/*', false],
    ['team', 'team/*', false],
    ['*', '*', true],
    ['team/*', '*', false],
    ['Team/*', 'tEAM/Web', true],
  ])('%s, %s: %s', (outer, inner, expected) => expect(contains(outer, inner)).toBe(expected));
});

describe('a set of repositories allows an action on a wildcard', () => {
  it('exactly if it allows it on every repository that the wildcard stands for', () => {
    fc.assert(
      fc.property(ruled, rule, fc.constantFrom(...repositoryActions), (allowed, repository, action) => {
        const held = names.filter((name) => matches(repository, name));
        expect(allows(allowed, { repository, action })).toBe(
          held.every((name) => mayDo(allowed, name, action)),
        );
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the actions of a scope map', () => {
  it('lie within a policy exactly if nothing can be done by them that the policy does not allow', () => {
    fc.assert(
      fc.property(ruled, ruled, (allowed, asked) => {
        const within = names.every((name) =>
          repositoryActions.every((action) => !mayDo(asked, name, action) || mayDo(allowed, name, action)),
        );
        expect(firstActionOutside(allowed, scopeMapActions(asked)) === undefined).toBe(within);
      }),
      { numRuns: 3_000 },
    );
  });

  it('lie within what was asked for, whatever the case they come back in', () => {
    fc.assert(
      fc.property(repositories, (asked) => {
        const shouted = scopeMapActions(asked).map((action) => action.toUpperCase());
        expect(firstActionOutside(asked, shouted)).toBeUndefined();
      }),
    );
  });

  it.each(['gateway/edge/message/read', 'repositories/a/content/list', 'anything', ''])(
    'are never allowed if one is %j',
    (action) => {
      const everything = { '*': [...repositoryActions] };
      expect(firstActionOutside(everything, ['repositories/a/content/read', action])).toBe(action);
    },
  );
});
