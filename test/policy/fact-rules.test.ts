import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/contracts/commands.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import * as factRules from '../../src/policy/fact-rules.ts';
import type { Judged, PolicyFacts } from '../../src/policy/judged.ts';
import { command, judged, ownToken, policy } from './build.ts';

const request = (changes: Readonly<Record<string, unknown>>) => ({
  command: command('keyturn.token.requested', changes),
});
const rotation = (changes: Readonly<Record<string, unknown>>, profile = 'standard'): Partial<Judged> => ({
  command: command('keyturn.token.rotation-requested', changes),
  facts: { token: { ...ownToken, profile } },
});
const adoption = (facts: Partial<PolicyFacts>): Partial<Judged> => ({
  command: command('keyturn.token.adoption-requested'),
  policy: policy({ manages: [{ entrance: 'unmanaged' }] }),
  facts,
});
const ofToken = (type: Command['type'], token: PolicyFacts['token']): Partial<Judged> => ({
  command: command(type),
  facts: { token },
});

const allowed: Readonly<Record<string, Partial<Judged>>> = {
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
  'the adoption of a token that has no record': adoption({
    token: 'none',
    boundScopeMap: 'web-api-scope-map',
    actionsThen: ['repositories/web/api/content/read'],
  }),
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

type Denied = Partial<Judged> & { readonly rule: keyof typeof factRules; readonly detail: string };

const denied: Readonly<Record<string, Denied>> = {
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
  'the adoption of a token of another entrance': {
    ...adoption({ token: { ...ownToken, entrance: 'partners' } }),
    rule: 'ownedByAnother',
    detail: 'web-api',
  },
  "the adoption of a connected registry's sync token": {
    ...adoption({
      token: 'none',
      actionsThen: ['repositories/web/api/content/read', 'Gateway/edge/config/read'],
    }),
    rule: 'tokenOfConnectedRegistry',
    detail: 'web-api',
  },
  'the adoption of a token that can do more than the policy allows': {
    ...adoption({ token: 'none', actionsThen: ['repositories/finance/content/read'] }),
    rule: 'actionNotAllowed',
    detail: 'repositories/finance/content/read',
  },
  'the adoption of one token more than the quota': {
    ...adoption({ token: 'none', tokensOfEntrance: 500 }),
    rule: 'tokenQuotaReached',
    detail: '500',
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

  it('by every one of these rules in at least one sentence', () => {
    expect(new Set(Object.values(denied).map(({ rule }) => rule))).toEqual(new Set(Object.keys(factRules)));
  });
});
