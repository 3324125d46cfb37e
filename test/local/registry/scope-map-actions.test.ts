import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  grantedActions,
  isRepositoryName,
  parseScopeMapAction,
} from '../../../infra/local/registry/scope-map-actions.ts';

const segment = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const repository = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
const verb = fc.constantFrom(
  'content/read',
  'content/write',
  'content/delete',
  'metadata/read',
  'metadata/write',
);

describe('the actions of a scope map', () => {
  const cases: Record<string, { actions: string[]; on: string; expected: string[] }> = {
    'grant what they name': {
      actions: ['repositories/samples/hello-world/content/read'],
      on: 'samples/hello-world',
      expected: ['pull'],
    },
    'grant nothing on a repository that begins alike': {
      actions: ['repositories/samples/hello/content/read'],
      on: 'samples/hello-world',
      expected: [],
    },
    'add up over wildcards and names': {
      actions: [
        'repositories/*/metadata/read',
        'repositories/samples/*/content/read',
        'repositories/samples/hello-world/content/write',
      ],
      on: 'samples/hello-world',
      expected: ['metadata_read', 'pull', 'push'],
    },
    'reach every depth below a wildcard': {
      actions: ['repositories/samples/*/content/delete'],
      on: 'samples/a/b/c',
      expected: ['delete'],
    },
    'do not reach the repository that is named like the wildcard’s parent': {
      actions: ['repositories/samples/*/content/read'],
      on: 'samples',
      expected: [],
    },
    'of connected registries grant nothing on repositories': {
      actions: ['gateway/samples/config/read'],
      on: 'samples',
      expected: [],
    },
  };
  it.each(Object.entries(cases))('%s', (_, { actions, on, expected }) => {
    expect([...grantedActions(actions, on)]).toEqual(expected);
  });

  it('on a repository, by its own name or a wildcard above it, grant exactly their verb', () => {
    fc.assert(
      fc.property(repository, verb, fc.nat(), (name, what, cut) => {
        const segments = name.split('/');
        const kept = segments.slice(0, cut % segments.length);
        const wildcard = `repositories/${[...kept, '*'].join('/')}/${what}`;
        const exact = `repositories/${name}/${what}`;
        const granted = [...grantedActions([exact], name)];
        expect(granted).toHaveLength(1);
        expect([...grantedActions([wildcard], name)]).toEqual(granted);
        expect(grantedActions([exact], `${name}/below`).size).toBe(0);
      }),
    );
  });

  it('are refused with a star anywhere but as the whole last segment', () => {
    fc.assert(
      fc.property(repository, verb, fc.nat(), (name, what, place) => {
        const at = place % (name.length + 1);
        const starred = `${name.slice(0, at)}*${name.slice(at)}`;
        const allowed = starred === '*' || starred.endsWith('/*');
        expect(parseScopeMapAction(`repositories/${starred}/${what}`) !== undefined).toBe(allowed);
      }),
    );
  });

  it('are never accepted for a name that no repository can have', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), verb, (name, what) => {
        const rule = parseScopeMapAction(`repositories/${name}/${what}`);
        if (rule?.repository) expect(isRepositoryName(rule.repository.replace(/\*$/, 'any'))).toBe(true);
      }),
    );
  });
});
