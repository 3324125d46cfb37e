import { describe, it } from 'vitest';
import { newState } from '../../../src/lifecycle/state.ts';
import { active, at, credential, day, hour, identity } from '../build.ts';
import { registryToken, vaultSecret, versionOf } from '../build-facts.ts';
import { check, type Table } from './expectations.ts';

const endless = { ok: true, value: vaultSecret([versionOf(credential(0))]) } as const;

const lost: Table = {
  "is written again from the vault's tags": {
    state: newState(identity),
    facts: { token: { ok: true, value: registryToken(active()) }, secret: endless },
    expect: {
      work: {
        kind: 'recover',
        recovered: { status: 'active', incarnation: 1, generation: 1, published: 'password1' },
      },
    },
  },
  'takes the access from the registry, with what its own map grants': {
    state: newState(identity),
    facts: {
      token: { ok: true, value: registryToken(active(), { scopeMap: 'team-web-scope-map' }) },
      secret: endless,
      scopeMapActions: {
        ok: true,
        value: ['repositories/web/content/read', 'repositories/web/content/write'],
      },
    },
    expect: {
      work: {
        kind: 'recover',
        recovered: {
          managed: {
            access: {
              scopeMap: 'team-web-scope-map',
              own: true,
              repositories: { web: ['content/read', 'content/write'] },
            },
          },
        },
      },
    },
  },
  'leaves a token that is found disabled as it is': {
    state: newState(identity),
    facts: { token: { ok: true, value: registryToken(active(), { enabled: false }) }, secret: endless },
    expect: { work: { kind: 'recover', recovered: { status: 'disabled' } } },
  },
  'is that of a revoked token, if both passwords of a disabled one were replaced since': {
    state: newState(identity),
    now: at(3 * day),
    facts: {
      token: {
        ok: true,
        value: registryToken(active(), {
          enabled: false,
          passwords: [
            { slot: 'password1', createdAt: at(2 * day) },
            { slot: 'password2', createdAt: at(2 * day) },
          ],
        }),
      },
      secret: endless,
    },
    expect: {
      work: {
        kind: 'recover',
        recovered: {
          status: 'revoked',
          since: at(2 * day),
          exposureUntil: at(2 * day + 3 * hour),
          removed: false,
          credentials: {},
        },
      },
    },
  },
  'is not looked for while the vault cannot be read': {
    state: newState(identity),
    facts: {
      token: { ok: true, value: registryToken(active()) },
      secret: { ok: false, code: 'accessDenied' },
    },
    expect: { work: { kind: 'readLostRecord' }, blocked: { code: 'accessDenied' } },
  },
  'was never there if the secret is not ours': {
    state: newState(identity),
    facts: {
      token: { ok: true, value: registryToken(active()) },
      secret: { ok: true, value: vaultSecret([versionOf(credential(0), { tags: {} })]) },
    },
    expect: { waitUntil: undefined },
  },
};

describe('a record that was lost', () => {
  it.each(Object.entries(lost))('%s', (_sentence, row) => check(row));
});
