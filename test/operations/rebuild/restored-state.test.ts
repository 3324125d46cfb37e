import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownScopeMapDescription, ownScopeMapName } from '../../../src/contracts/names.ts';
import type { SecretVersion, VaultSecret } from '../../../src/lifecycle/facts.ts';
import { readState } from '../../../src/lifecycle/read-state.ts';
import { tagsOf } from '../../../src/lifecycle/secret-tags.ts';
import type { Managed, ManagedState } from '../../../src/lifecycle/state.ts';
import type { Ambiguity, Note } from '../../../src/operations/rebuild/ambiguities.ts';
import {
  type FoundToken,
  type Restoration,
  restoredState,
} from '../../../src/operations/rebuild/restored-state.ts';
import { configurationWith } from '../../activities/memory/memory-cloud.ts';
import { repetitions } from '../../counts.ts';
import { active, at, credential, day, hour, identity, managed } from '../../lifecycle/build.ts';
import { registryToken, vaultSecret, versionOf } from '../../lifecycle/build-facts.ts';

const configuration = configurationWith({});
const now = at(10 * day);
const replaced = [
  { slot: 'password1', createdAt: at(3 * day) },
  { slot: 'password2', createdAt: at(3 * day) },
] as const;

function found(changes: Partial<FoundToken> = {}): FoundToken {
  const secrets = [vaultSecret([versionOf(credential(0))])];
  return { identity, token: registryToken(active()), scopeMap: null, secrets, ...changes };
}

/** The secret with one version whose tags differ, from what is managed or altogether. */
function tagged(changes: Partial<Managed>, others: Record<string, string> = {}): VaultSecret {
  const tags = { ...tagsOf(identity, managed(changes), credential(0)), ...others };
  return vaultSecret([versionOf(credential(0), { tags })]);
}

function version(changes: Partial<SecretVersion>): VaultSecret {
  return vaultSecret([versionOf(credential(0), changes)]);
}

const ownMap = {
  name: ownScopeMapName(identity.token),
  description: ownScopeMapDescription('token-requests', identity.token),
  actions: ['repositories/team/web/content/read'],
  system: false,
};

interface Row {
  readonly given: FoundToken;
  readonly expect: {
    readonly kind?: Restoration['kind'];
    readonly why?: Ambiguity;
    readonly state?: object;
    readonly notes?: readonly Note[];
  };
}

const rows: Readonly<Record<string, Row>> = {
  'an enabled token whose password is in the vault is active again, with all that the tags say': {
    given: found(),
    expect: {
      kind: 'restored',
      notes: [],
      state: {
        status: 'active',
        identity,
        incarnation: 1,
        generation: 1,
        published: 'password1',
        managed: managed(),
        credentials: { password1: { slotCreatedAt: at(0), secretVersion: 'version1' } },
        lookAt: now,
      },
    },
  },
  'what its own scope map grants is taken from the registry': {
    given: found({ token: registryToken(active(), { scopeMap: ownMap.name }), scopeMap: ownMap }),
    expect: {
      state: {
        managed: {
          access: { scopeMap: ownMap.name, own: true, repositories: { 'team/web': ['content/read'] } },
        },
      },
    },
  },
  'a disabled token stays disabled': {
    given: found({
      token: registryToken(active(), { enabled: false }),
      secrets: [version({ enabled: false })],
    }),
    expect: { state: { status: 'disabled', since: now, published: 'password1' }, notes: ['foundDisabled'] },
  },
  'a disabled token whose secret was kept stays disabled': {
    given: found({ token: registryToken(active(), { enabled: false }) }),
    expect: { state: { status: 'disabled' }, notes: ['foundDisabled'] },
  },
  'a disabled token with both passwords replaced is revoked, since when they were': {
    given: found({
      token: registryToken(active(), { enabled: false, passwords: replaced }),
      secrets: [version({ enabled: false })],
    }),
    expect: {
      state: {
        status: 'revoked',
        since: at(3 * day),
        exposureUntil: at(3 * day + 3 * hour),
        credentials: {},
        removed: false,
      },
      notes: ['foundRevoked'],
    },
  },
  'a revoked token past its end of life is revoked, so that no request brings it back': {
    given: found({
      token: registryToken(active(), { enabled: false, passwords: replaced }),
      secrets: [tagged({ endOfLife: at(5 * day) })],
    }),
    expect: { state: { status: 'revoked' } },
  },
  'a token that is enabled while its secret is off may have been revoked': {
    given: found({ secrets: [version({ enabled: false })] }),
    expect: { kind: 'ambiguous', why: 'enabledButSecretOff' },
  },
  'a token whose published password was replaced is active, and somebody is told': {
    given: found({ token: registryToken(active(), { passwords: replaced }) }),
    expect: { state: { status: 'active' }, notes: ['passwordReplaced'] },
  },
  'a token past its end of life with which nobody can log in is expired': {
    given: found({
      token: registryToken(active(), {
        passwords: [{ slot: 'password1', createdAt: at(0), expiresAt: at(5 * day) }],
      }),
      secrets: [tagged({ endOfLife: at(5 * day) })],
    }),
    expect: { state: { status: 'expired', since: at(5 * day) } },
  },
  'a token past its end of life that was disabled is expired': {
    given: found({
      token: registryToken(active(), { enabled: false }),
      secrets: [tagged({ endOfLife: at(5 * day) })],
    }),
    expect: { state: { status: 'expired' } },
  },
  'a token past its end of life whose password outlived it is left to its lifecycle to end': {
    given: found({ secrets: [tagged({ endOfLife: at(5 * day) })] }),
    expect: { state: { status: 'active', managed: { endOfLife: at(5 * day) } } },
  },
  "a token without a secret is not Keyturn's": {
    given: found({ secrets: [] }),
    expect: { kind: 'notKeyturns' },
  },
  "a token whose name a secret of somebody else happens to have is not Keyturn's": {
    given: found({ secrets: [version({ tags: { purpose: 'something else' } })] }),
    expect: { kind: 'notKeyturns' },
  },
  "a token without a secret, but with one of Keyturn's scope maps, has lost it": {
    given: found({ secrets: [], scopeMap: ownMap }),
    expect: { why: 'secretMissing' },
  },
  "a scope map that only resembles one of Keyturn's proves nothing": {
    given: found({ secrets: [], scopeMap: { ...ownMap, description: 'keyturn:token-requests/team-other' } }),
    expect: { kind: 'notKeyturns' },
  },
  'a token whose secret was deleted is left to a person': {
    given: found({ secrets: [vaultSecret([versionOf(credential(0))], { standing: 'softDeleted' })] }),
    expect: { why: 'secretDeleted' },
  },
  'a secret without its token is left to a person': {
    given: found({ token: null }),
    expect: { why: 'tokenMissing' },
  },
  'a deleted secret without its token is a token that was deleted': {
    given: found({
      token: null,
      secrets: [vaultSecret([versionOf(credential(0))], { standing: 'softDeleted' })],
    }),
    expect: { kind: 'deleted' },
  },
  'a claim without a token and without tags of Keyturn is nothing': {
    given: found({ token: null, secrets: [version({ tags: { token: identity.token } })] }),
    expect: { kind: 'notKeyturns' },
  },
  'of two secrets, that one counts whose password the registry still has': {
    given: found({
      secrets: [
        vaultSecret([versionOf(credential(-20 * day))], { secretName: 'old' }),
        vaultSecret([versionOf(credential(0))], { secretName: 'new' }),
      ],
    }),
    expect: { state: { managed: { delivery: { secretName: 'new' } } }, notes: ['otherSecrets'] },
  },
  'of two secrets whose passwords both work, none counts': {
    given: found({
      token: registryToken(
        active({
          credentials: { password1: credential(0), password2: credential(day, { slot: 'password2' }) },
        }),
      ),
      secrets: [
        vaultSecret([versionOf(credential(0))], { secretName: 'one' }),
        vaultSecret([versionOf(credential(day, { slot: 'password2' }))], { secretName: 'other' }),
      ],
    }),
    expect: { why: 'severalSecrets' },
  },
  'of two secrets whose passwords are both dead, none counts': {
    given: found({
      token: registryToken(active(), { passwords: replaced }),
      secrets: [version({}), vaultSecret([versionOf(credential(0))], { secretName: 'other' })],
    }),
    expect: { why: 'severalSecrets' },
  },
  'a secret whose newest version somebody else wrote is left to a person': {
    given: found({
      secrets: [
        vaultSecret([versionOf(credential(0)), versionOf(credential(day), { version: 'v2', tags: {} })]),
      ],
    }),
    expect: { why: 'secretNotOurs' },
  },
  'tags that cannot be read are left to a person': {
    given: found({ secrets: [tagged({}, { schedule: 'now and then' })] }),
    expect: { why: 'tagsDamaged' },
  },
  'a registry that has another name in the configuration is left to a person': {
    given: found({ secrets: [tagged({}, { registry: 'fabrikam' })] }),
    expect: { why: 'otherRegistryName' },
  },
  'a registry that has another login server now is left to a person': {
    given: found({ secrets: [tagged({}, { loginServer: 'moved.azurecr.io' })] }),
    expect: { why: 'otherLoginServer' },
  },
  'a token of an entrance that is not configured any more is left to a person': {
    given: found({ secrets: [tagged({ entrance: 'closed-down' })] }),
    expect: { why: 'entranceNotConfigured' },
  },
  'a claim by an entrance that may not have such a token is left to a person': {
    given: {
      ...found(),
      identity: { ...identity, token: 'ops-push' },
      secrets: [tagged({}, { token: 'ops-push' })],
    },
    expect: { why: 'outsidePolicy' },
  },
  'a claim from a vault to which the entrance does not deliver is left to a person': {
    given: found({ secrets: [vaultSecret([versionOf(credential(0))], { vault: 'partners-vault' })] }),
    expect: { why: 'otherVault' },
  },
};

describe('the state of a token whose record was lost', () => {
  it.each(Object.entries(rows))('%s', (_sentence, row) => {
    expect(restoredState(row.given, configuration, now)).toMatchObject(row.expect);
  });

  it('is numbered beyond every plan that its record can have reached', () => {
    const restored = restoredState(found(), configuration, now);
    if (restored.kind !== 'restored') throw new Error('It is not restored.');
    expect(restored.state.plan).toBe(Date.parse(now) / 1_000);
    expect(restored.state.settled).toBe(restored.state.plan);
  });
});

const anyFound = fc
  .record({
    enabled: fc.boolean(),
    secretOn: fc.boolean(),
    replacedAt: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    endsAfter: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    generation: fc.integer({ min: 1, max: 1_000 }),
    incarnation: fc.integer({ min: 1, max: 50 }),
    slot: fc.constantFrom('password1' as const, 'password2' as const),
    owner: fc.constantFrom('team-web', 'team.other@contoso.example'),
    rotateEvery: fc.constantFrom('P30D', 'P60D'),
    format: fc.constantFrom('password' as const, 'dockerConfigJson' as const),
  })
  .map((drawn) => {
    const wanted = managed({
      owner: drawn.owner,
      schedule: { profile: 'standard', rotateEvery: drawn.rotateEvery, overlap: 'P14D' },
      delivery: { ...managed().delivery, format: drawn.format },
      ...(drawn.endsAfter === undefined ? {} : { endOfLife: at(drawn.endsAfter * day) }),
    });
    const issued = credential(0, {
      slot: drawn.slot,
      generation: drawn.generation,
      incarnation: drawn.incarnation,
    });
    const createdAt = drawn.replacedAt === undefined ? issued.slotCreatedAt : at(drawn.replacedAt * day);
    const given = found({
      token: {
        enabled: drawn.enabled,
        scopeMap: 'shared-read',
        passwords: [{ slot: drawn.slot, createdAt, expiresAt: issued.expiresAt }],
      },
      secrets: [
        vaultSecret([versionOf(issued, { enabled: drawn.secretOn, tags: tagsOf(identity, wanted, issued) })]),
      ],
    });
    return { drawn, wanted, issued, given };
  });

type Drawn = typeof anyFound extends fc.Arbitrary<infer Value> ? Value : never;

function check(holds: (restoration: Restoration, drawn: Drawn) => void): void {
  fc.assert(
    fc.property(anyFound, (drawn) => holds(restoredState(drawn.given, configuration, now), drawn)),
    { numRuns: repetitions({ quick: 300, soak: 20_000 }) },
  );
}

function stateOf(restoration: Restoration): ManagedState | undefined {
  return restoration.kind === 'restored' ? restoration.state : undefined;
}

describe('whatever is found', () => {
  it('is active only if the token is enabled and its secret can be read', () => {
    check((restoration, { drawn }) => {
      if (stateOf(restoration)?.status === 'active')
        expect([drawn.enabled, drawn.secretOn]).toEqual([true, true]);
    });
  });

  it('is revoked if it is disabled and its published password is gone, and only then', () => {
    check((restoration, { drawn }) => {
      const isRevoked = !drawn.enabled && drawn.replacedAt !== undefined;
      expect(stateOf(restoration)?.status === 'revoked').toBe(isRevoked);
    });
  });

  it('is managed as the tags say, in the life and generation that they say', () => {
    check((restoration, { wanted, issued }) => {
      const state = stateOf(restoration);
      if (!state) return;
      expect(state.managed).toEqual(wanted);
      expect([state.incarnation, state.generation]).toEqual([issued.incarnation, issued.generation]);
    });
  });

  it('is a record that can be read again', () => {
    check((restoration) => {
      const state = stateOf(restoration);
      if (state)
        expect(readState(JSON.parse(JSON.stringify(state)))).toEqual(JSON.parse(JSON.stringify(state)));
    });
  });
});
