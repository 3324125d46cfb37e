import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/contracts/commands.ts';
import { evaluate, evaluateWhenPlanning, rules } from '../../src/policy/evaluate.ts';
import type { Judged, PolicyFacts } from '../../src/policy/judged.ts';
import { command, completeFacts, judged, ownToken, policy } from './build.ts';

const request = (changes: Readonly<Record<string, unknown>>) => ({
  command: command('keyturn.token.requested', changes),
});
const rotation = (changes: Readonly<Record<string, unknown>>, profile = 'standard'): Partial<Judged> => ({
  command: command('keyturn.token.rotation-requested', changes),
  facts: { token: { ...ownToken, profile } },
});
const ofToken = (type: Command['type'], token: PolicyFacts['token']): Partial<Judged> => ({
  command: command(type),
  facts: { token },
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
  'the same request again': ofToken('keyturn.token.requested', ownToken),
  'a rotation that keeps the old password as long as the profile asks': rotation({
    previousValidFor: 'PT72H',
  }),
  'a compromised password, whatever the profile says': {
    ...rotation({ compromised: true, previousValidFor: 'PT0S' }, 'device'),
  },
  'a compromised password of a profile that is no longer configured': rotation({ compromised: true }, 'gone'),
  'a command for the token of an entrance that this one manages': {
    ...ofToken('keyturn.token.revocation-requested', { ...ownToken, entrance: 'partners' }),
    policy: policy({ manages: [{ entrance: 'partners', tokens: ['WEB-*'] }] }),
  },
  'the last token of the quota': { facts: { token: 'none', tokensOfEntrance: 499 } },
  'a request for a token that exists, with the quota used up': {
    facts: { token: ownToken, tokensOfEntrance: 500 },
  },
  'the last command of the hour': { facts: { commandsInLastHour: 999 } },
  'a revocation in the middle of a flood': {
    command: command('keyturn.token.revocation-requested'),
    facts: { token: ownToken, commandsInLastHour: 100_000 },
  },
  'a scope map whose actions all lie within the policy': {
    ...request({ access: { scopeMap: 'shared-pull' } }),
    facts: {
      token: 'none',
      actionsThen: ['Repositories/Web/x/*/Content/Read', 'repositories/shared/base/content/read'],
    },
  },
  'a rotation of a token that can do more than its policy says, since rotating gives it nothing': {
    command: command('keyturn.token.rotation-requested'),
    facts: { token: ownToken, actionsThen: ['repositories/*/content/write'] },
  },
};

const denied: Readonly<Record<string, Partial<Judged> & { rule: keyof typeof rules; detail: string }>> = {
  'a source that is not listed': { ...withSource('/cron/1'), rule: 'sourceNotAllowed', detail: '/cron/1' },
  'a source in other capitals': { ...withSource('/Form/1'), rule: 'sourceNotAllowed', detail: '/Form/1' },
  'a command that is not listed': {
    ...ofToken('keyturn.token.deletion-requested', ownToken),
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
  'a command for a token that does not exist': {
    ...ofToken('keyturn.token.revocation-requested', 'none'),
    rule: 'noSuchToken',
    detail: 'web-api',
  },
  'a command for the token of another entrance': {
    ...ofToken('keyturn.token.revocation-requested', { ...ownToken, entrance: 'partners' }),
    rule: 'ownedByAnother',
    detail: 'web-api',
  },
  'a request for the token of another owner': {
    ...ofToken('keyturn.token.requested', { ...ownToken, owner: 'team-a' }),
    rule: 'ownedByAnother',
    detail: 'web-api',
  },
  'a command that names another owner than the token has': {
    command: command('keyturn.token.revocation-requested', { owner: 'team-a' }),
    facts: { token: ownToken },
    rule: 'ownedByAnother',
    detail: 'web-api',
  },
  'a request for a token that this entrance only manages': {
    ...ofToken('keyturn.token.requested', { ...ownToken, entrance: 'partners' }),
    policy: policy({ manages: [{ entrance: 'partners' }] }),
    rule: 'ownedByAnother',
    detail: 'web-api',
  },
  'a command for a token of a managed entrance, but not of the managed names': {
    ...ofToken('keyturn.token.revocation-requested', { ...ownToken, entrance: 'partners' }),
    policy: policy({ manages: [{ entrance: 'partners', tokens: ['shop-*'] }] }),
    rule: 'ownedByAnother',
    detail: 'web-api',
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
  'an early rotation of a device': {
    ...rotation({}, 'device'),
    rule: 'earlyRotationNotAllowed',
    detail: 'compromised',
  },
  'an early rotation of a profile that is no longer configured': {
    ...rotation({}, 'gone'),
    rule: 'earlyRotationNotAllowed',
    detail: 'gone',
  },
  'an old password that ends before its consumers can know': {
    ...rotation({ previousValidFor: 'PT71H' }),
    rule: 'previousValidForTooShort',
    detail: 'PT71H',
  },
  'a listed scope map that allows more than the policy': {
    ...request({ access: { scopeMap: 'shared-pull' } }),
    facts: {
      token: 'none',
      actionsThen: ['repositories/web/api/content/read', 'repositories/*/content/read'],
    },
    rule: 'actionNotAllowed',
    detail: 'repositories/*/content/read',
  },
  'a scope map with an action that is not about a repository': {
    ...request({ access: { scopeMap: 'shared-pull' } }),
    facts: { token: 'none', actionsThen: ['gateway/edge/config/read'] },
    rule: 'actionNotAllowed',
    detail: 'gateway/edge/config/read',
  },
  'a change after which the token could do more than the policy': {
    ...ofToken('keyturn.token.access-changed', ownToken),
    facts: { token: ownToken, actionsThen: ['repositories/old/content/read'] },
    rule: 'actionNotAllowed',
    detail: 'repositories/old/content/read',
  },
  'one token more than the quota': {
    facts: { token: 'none', tokensOfEntrance: 500 },
    rule: 'tokenQuotaReached',
    detail: '500',
  },
  'one command more than the hour takes': {
    facts: { commandsInLastHour: 1_000 },
    rule: 'commandQuotaReached',
    detail: '1000',
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

  it('by every rule in at least one of these sentences', () => {
    const shown = new Set(Object.values(denied).map(({ rule }) => rule));
    expect(Object.keys(rules).filter((rule) => !shown.has(rule as keyof typeof rules))).toEqual([]);
  });

  it('a request whose profile is not configured, although the configuration should not have let it through', () => {
    expect(evaluate(judged({ profiles: new Map() }))).toMatchObject({ rule: 'profileNotAllowed' });
  });
});

describe('the rules', () => {
  it('are asked in this order: who asks and for what, then how, then the world', () => {
    expect(Object.keys(rules)).toEqual([
      'sourceNotAllowed',
      'commandNotAllowed',
      'registryNotAllowed',
      'tokenNameNotAllowed',
      'ownerNotAllowed',
      'noSuchToken',
      'ownedByAnother',
      'scopeMapNotListed',
      'repositoryNotAllowed',
      'profileNotAllowed',
      'rotateEveryTooShort',
      'rotateEveryTooLong',
      'overlapTooShort',
      'overlapTooLong',
      'overlapNotBelowRotateEvery',
      'endOfLifeMissing',
      'endOfLifePast',
      'lifetimeTooLong',
      'secretNameNotAllowed',
      'earlyRotationNotAllowed',
      'previousValidForTooShort',
      'actionNotAllowed',
      'tokenQuotaReached',
      'commandQuotaReached',
    ]);
  });

  it('name the first violation only, so that a stranger learns nothing of a token', () => {
    const everythingWrong = {
      ...ofToken('keyturn.token.deletion-requested', { ...ownToken, entrance: 'partners' }),
      facts: { token: 'none' as const, commandsInLastHour: 5_000 },
    };
    expect(evaluate(judged({ ...everythingWrong, ...withSource('/cron/1') }))).toMatchObject({
      rule: 'sourceNotAllowed',
    });
    expect(evaluate(judged(everythingWrong))).toMatchObject({ rule: 'commandNotAllowed' });
  });
});

describe('when planning', () => {
  it('a command is judged again on all facts, but not on how many commands came', () => {
    const flood = { ...completeFacts, commandsInLastHour: 100_000 };
    expect(evaluateWhenPlanning({ ...judged(), facts: completeFacts })).toEqual({ allowed: true });
    expect(evaluateWhenPlanning({ ...judged(), facts: flood })).toEqual({ allowed: true });
    const facts = { ...completeFacts, actionsThen: ['repositories/finance/content/read'] };
    expect(evaluateWhenPlanning({ ...judged(), facts })).toMatchObject({ rule: 'actionNotAllowed' });
  });

  it('no fact can be left out', () => {
    // @ts-expect-error What the token will be able to do is missing.
    const judge = () => evaluateWhenPlanning({ ...judged(), facts: { token: 'none', tokensOfEntrance: 0 } });
    expect(judge).toBeTypeOf('function');
  });
});
