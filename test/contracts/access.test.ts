import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changedRepositories,
  grantsOf,
  parseScopeMapAction,
  repositoriesOf,
  repositoriesSchema,
  scopeMapActions,
} from '../../src/contracts/access.ts';
import { repositories } from './arbitrary-command.ts';

describe('access to repositories', () => {
  it('is written as the actions of a scope map, each once, in a stable order', () => {
    const actions = [
      'repositories/shared/*/content/read',
      'repositories/web/content/read',
      'repositories/web/content/write',
    ];
    expect(scopeMapActions({ web: ['content/write', 'content/read'], 'shared/*': ['content/read'] })).toEqual(
      actions,
    );
    expect(
      scopeMapActions({
        'shared/*': ['content/read', 'content/read'],
        web: ['content/read', 'content/write'],
      }),
    ).toEqual(actions);
  });

  it('is read back from the actions of its scope map', () => {
    fc.assert(
      fc.property(repositories, (asked) => {
        expect(repositoriesSchema.safeParse(asked).success).toBe(true);
        expect(scopeMapActions(asked).map(parseScopeMapAction)).toEqual(grantsOf(asked));
        expect(scopeMapActions(repositoriesOf(grantsOf(asked)))).toEqual(scopeMapActions(asked));
      }),
    );
  });

  it('is read whatever the case it is written in', () => {
    expect(parseScopeMapAction('Repositories/Web/Base/Content/Read')).toEqual({
      repository: 'web/base',
      action: 'content/read',
    });
  });

  it.each([
    'gateway/edge/config/read',
    'repositories/web/content/list',
    'repositories/content/read',
    'web/content/read',
    'repositories/web/content',
    '',
  ])('is not what %j is about', (action) => expect(parseScopeMapAction(action)).toBeUndefined());
});

describe('a change of access', () => {
  it('adds and removes single actions, and repositories that have none left', () => {
    const current = { web: ['content/read', 'content/write'], old: ['content/read'] } as const;
    const added = { new: ['content/read'], constructor: ['content/read'] } as const;
    const removed = { web: ['content/write'], old: ['content/read'], never: ['content/read'] } as const;
    expect(changedRepositories(current, added, removed)).toEqual({
      web: ['content/read'],
      new: ['content/read'],
      constructor: ['content/read'],
    });
  });

  it('gives what was there or is added, and not what is removed', () => {
    fc.assert(
      fc.property(repositories, repositories, repositories, (current, added, removed) => {
        const gone = new Set(scopeMapActions(removed));
        const expected = new Set([...scopeMapActions(current), ...scopeMapActions(added)]).difference(gone);
        expect(scopeMapActions(changedRepositories(current, added, removed)).sort()).toEqual(
          [...expected].sort(),
        );
      }),
    );
  });
});
