import type { PendingCommand } from '../../src/lifecycle/command-order.ts';
import { type Credential, slots } from '../../src/lifecycle/credential.ts';
import type { Situation } from '../../src/lifecycle/decide/proposal.ts';
import type { Facts, RegistryToken, SecretVersion, VaultSecret } from '../../src/lifecycle/facts.ts';
import { tagsOf } from '../../src/lifecycle/secret-tags.ts';
import type { TokenState } from '../../src/lifecycle/state.ts';
import { identity, managed, start } from './build.ts';
import { allowAll } from './model/allow-all.ts';

/** The registry's token as a record believes it: both passwords in place, enabled unless it is disabled or revoked. */
export function registryToken(state: TokenState, changes: Partial<RegistryToken> = {}): RegistryToken {
  const credentials = state.status === 'none' ? {} : state.credentials;
  return {
    enabled: state.status !== 'disabled' && state.status !== 'revoked',
    scopeMap: state.status === 'none' ? 'shared-read' : state.managed.access.scopeMap,
    passwords: slots.flatMap((slot) => {
      const credential = credentials[slot];
      return credential
        ? [{ slot, createdAt: credential.slotCreatedAt, expiresAt: credential.expiresAt }]
        : [];
    }),
    ...changes,
  };
}

/** A secret version that carries a credential. */
export function versionOf(credential: Credential, changes: Partial<SecretVersion> = {}): SecretVersion {
  return {
    version: credential.secretVersion,
    createdAt: credential.publishedAt,
    enabled: true,
    expiresAt: credential.expiresAt,
    tags: tagsOf(identity, managed(), credential),
    ...changes,
  };
}

/** The vault's secret with these versions; absent without any. */
export function vaultSecret(
  versions: readonly SecretVersion[],
  changes: Partial<VaultSecret> = {},
): VaultSecret {
  const { vault, secretName, secretUri } = managed().delivery;
  return {
    vault,
    secretName,
    secretUri,
    standing: versions.length > 0 ? 'present' : 'absent',
    versions,
    ...changes,
  };
}

export interface Given {
  readonly state: TokenState;
  readonly commands?: readonly PendingCommand[];
  readonly now?: string;
  /** What differs from a world that is as the record believes and a policy that allows all. */
  readonly facts?: Partial<Facts>;
}

/** All that a decision looks at; the world is as the record believes, unless something else is said. */
export function situation({ state, commands = [], now = start, facts = {} }: Given): Situation {
  const credentials = state.status === 'none' ? {} : state.credentials;
  const versions = slots.flatMap((slot) => {
    const credential = credentials[slot];
    return credential ? [versionOf(credential)] : [];
  });
  const exists = state.status !== 'none' && state.status !== 'deleted';
  return {
    state,
    commands,
    now,
    facts: {
      rules: { disableSecret: true, rotateOnScopeMapChange: false },
      token: { ok: true, value: exists ? registryToken(state) : null },
      secret: { ok: true, value: vaultSecret(versions) },
      scopeMapActions: { ok: true, value: [] },
      judgements: Object.fromEntries(commands.map((each) => [each.key, allowAll(each, state)])),
      ...facts,
    },
  };
}
