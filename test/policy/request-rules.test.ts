import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Judged } from '../../src/policy/judged.ts';
import * as requestRules from '../../src/policy/request-rules.ts';
import { command, judged, policy } from './build.ts';

const request = (changes: Readonly<Record<string, unknown>>) => ({
  command: command('keyturn.token.requested', changes),
});
const adopting = { manages: [{ entrance: 'unmanaged', tokens: ['WEB-*'] }] };
const adoption = (
  changes: Readonly<Record<string, unknown>> = {},
  facts: Judged['facts'] = {},
): Partial<Judged> => ({
  command: command('keyturn.token.adoption-requested', changes),
  policy: policy(adopting),
  facts,
});
const withSource = (source: string): Partial<Judged> => ({ command: { ...command(), source } });

const allowed: Readonly<Record<string, Partial<Judged>>> = {
  'a request within the policy': {},
  'a token name in other capitals': request({ token: 'WEB-api' }),
  'a listed scope map in other capitals': request({ access: { scopeMap: 'Shared-Pull' } }),
  'a wildcard below an allowed one': request({ access: { repositories: { 'web/a/*': ['content/write'] } } }),
  'another profile that is listed': request({ profile: 'live' }),
  'an overlap of the least that the profile allows': request({ overlap: 'PT72H' }),
  'a rotation as often as the bounds allow': {
    ...request({ rotateEvery: 'P15D' }),
    policy: policy({
      bounds: { minimumRotateEvery: 'P15D', maximumRotateEvery: 'P15D' },
      profiles: ['live'],
    }),
  },
  'an end exactly as late as the policy allows': {
    ...request({ expiresAt: '2026-03-31T12:00:00.000Z' }),
    policy: policy({ bounds: { maximumLifetime: 'P30D' } }),
  },
  'a lifetime exactly as long as the policy allows': {
    ...request({ lifetime: 'PT720H' }),
    policy: policy({ bounds: { maximumLifetime: 'P30D' } }),
  },
  'a secret name that fits a pattern': {
    ...request({ delivery: { secretName: 'Web-secret' } }),
    policy: policy({ secretNames: ['web-*'] }),
  },
  'the adoption of a token that nobody manages': adoption(),
  'an adoption with a listed scope map': adoption({}, { boundScopeMap: 'Shared-Pull' }),
  "an adoption with a scope map that bears the token's name, as the Azure CLI makes it": adoption(
    {},
    { boundScopeMap: 'Web-API-scope-map' },
  ),
};

type Denied = Partial<Judged> & { readonly rule: keyof typeof requestRules; readonly detail: string };

const denied: Readonly<Record<string, Denied>> = {
  'a source that is not listed': { ...withSource('/cron/1'), rule: 'sourceNotAllowed', detail: '/cron/1' },
  'a source in other capitals': { ...withSource('/Form/1'), rule: 'sourceNotAllowed', detail: '/Form/1' },
  'a command that is not listed': {
    command: command('keyturn.token.deletion-requested'),
    rule: 'commandNotAllowed',
    detail: 'keyturn.token.deletion-requested',
  },
  'a registry that is not listed': {
    ...request({ registry: 'fabrikam' }),
    rule: 'registryNotAllowed',
    detail: 'fabrikam',
  },
  'a token name that fits no pattern': {
    ...request({ token: 'api-web' }),
    rule: 'tokenNameNotAllowed',
    detail: 'api-web',
  },
  'an owner that fits no pattern': {
    ...request({ owner: 'sales' }),
    rule: 'ownerNotAllowed',
    detail: 'sales',
  },
  'an adoption where the policy manages no unmanaged tokens': {
    command: command('keyturn.token.adoption-requested'),
    policy: policy({ manages: [{ entrance: 'partners' }] }),
    rule: 'adoptionNotAllowed',
    detail: 'web-api',
  },
  'the adoption of a token whose name does not fit': {
    ...adoption({ token: 'web-other' }),
    policy: policy({ manages: [{ entrance: 'unmanaged', tokens: ['web-a*'] }] }),
    rule: 'adoptionNotAllowed',
    detail: 'web-other',
  },
  'an adoption with a system scope map that is not listed': {
    ...adoption({}, { boundScopeMap: '_repositories_pull' }),
    rule: 'scopeMapNotListed',
    detail: '_repositories_pull',
  },
  "an adoption with another token's scope map": {
    ...adoption({}, { boundScopeMap: 'web-other-scope-map' }),
    rule: 'scopeMapNotListed',
    detail: 'web-other-scope-map',
  },
  'an adoption with a profile that is not listed': {
    ...adoption({ profile: 'device' }),
    rule: 'profileNotAllowed',
    detail: 'device',
  },
  'an adoption with a secret name that nobody may choose': {
    ...adoption({ delivery: { secretName: 'web-secret' } }),
    rule: 'secretNameNotAllowed',
    detail: 'web-secret',
  },
  'a scope map that is not listed': {
    ...request({ access: { scopeMap: '_repositories_pull' } }),
    rule: 'scopeMapNotListed',
    detail: '_repositories_pull',
  },
  'a change to a scope map that is not listed': {
    command: command('keyturn.token.access-changed', { access: { scopeMap: '_repositories_admin' } }),
    rule: 'scopeMapNotListed',
    detail: '_repositories_admin',
  },
  'a repository outside': {
    ...request({ access: { repositories: { 'web/api': ['content/read'], finance: ['content/read'] } } }),
    rule: 'repositoryNotAllowed',
    detail: 'finance content/read',
  },
  'an action outside': {
    ...request({ access: { repositories: { 'web/api': ['content/read', 'content/delete'] } } }),
    rule: 'repositoryNotAllowed',
    detail: 'web/api content/delete',
  },
  'a wildcard above the allowed one': {
    ...request({ access: { repositories: { '*': ['content/read'] } } }),
    rule: 'repositoryNotAllowed',
    detail: '* content/read',
  },
  'a wildcard below a repository': {
    ...request({ access: { repositories: { 'shared/base/*': ['content/read'] } } }),
    rule: 'repositoryNotAllowed',
    detail: 'shared/base/* content/read',
  },
  'an added repository outside': {
    command: command('keyturn.token.access-changed', { access: { added: { finance: ['content/read'] } } }),
    rule: 'repositoryNotAllowed',
    detail: 'finance content/read',
  },
  'a profile that is not listed': {
    ...request({ profile: 'device' }),
    rule: 'profileNotAllowed',
    detail: 'device',
  },
  'a rotation more often than the bounds': {
    ...request({ rotateEvery: 'P19D' }),
    policy: policy({ bounds: { minimumRotateEvery: 'P20D' } }),
    rule: 'rotateEveryTooShort',
    detail: 'P19D',
  },
  'a rotation less often than the bounds': {
    ...request({ rotateEvery: 'P91D' }),
    policy: policy({ bounds: { maximumRotateEvery: 'P90D' } }),
    rule: 'rotateEveryTooLong',
    detail: 'P91D',
  },
  'an overlap below the least of the profile': {
    ...request({ overlap: 'PT71H' }),
    rule: 'overlapTooShort',
    detail: 'PT71H',
  },
  'an overlap below the least of the policy': {
    ...request({ overlap: 'P6D' }),
    policy: policy({ bounds: { minimumOverlap: 'P7D' } }),
    rule: 'overlapTooShort',
    detail: 'P6D',
  },
  'an overlap above the most of the policy': {
    ...request({ overlap: 'P21D' }),
    policy: policy({ bounds: { maximumOverlap: 'P20D' } }),
    rule: 'overlapTooLong',
    detail: 'P21D',
  },
  'a rotation more often than the overlap of the profile': {
    ...request({ rotateEvery: 'P14D' }),
    rule: 'overlapNotBelowRotateEvery',
    detail: 'P14D',
  },
  'no end where the policy asks for one': {
    policy: policy({ bounds: { maximumLifetime: 'P30D' } }),
    rule: 'endOfLifeMissing',
    detail: 'expiresAt',
  },
  'an end that has come': {
    ...request({ expiresAt: '2026-03-01T12:00:00.000Z' }),
    rule: 'endOfLifePast',
    detail: '2026-03-01T12:00:00.000Z',
  },
  'an end a millisecond later than the policy allows': {
    ...request({ expiresAt: '2026-03-31T12:00:00.001Z' }),
    policy: policy({ bounds: { maximumLifetime: 'P30D' } }),
    rule: 'lifetimeTooLong',
    detail: '2026-03-31T12:00:00.001Z',
  },
  'a lifetime a second longer than the policy allows': {
    ...request({ lifetime: 'P30DT1S' }),
    policy: policy({ bounds: { maximumLifetime: 'P30D' } }),
    rule: 'lifetimeTooLong',
    detail: 'P30DT1S',
  },
  'a secret name where none may be asked for': {
    ...request({ delivery: { secretName: 'web-secret' } }),
    rule: 'secretNameNotAllowed',
    detail: 'web-secret',
  },
};

describe('the policy allows', () => {
  it.each(Object.entries(allowed))('%s', (_sentence, changes) => {
    expect(evaluate(judged(changes))).toEqual({ allowed: true });
  });
});

describe('the policy denies', () => {
  it.each(Object.entries(denied))('%s', (_sentence, { rule, detail, ...changes }) => {
    expect(evaluate(judged(changes))).toEqual({ allowed: false, rule, detail });
  });

  it('by every one of these rules in at least one sentence', () => {
    expect(new Set(Object.values(denied).map(({ rule }) => rule))).toEqual(
      new Set(Object.keys(requestRules)),
    );
  });
});
