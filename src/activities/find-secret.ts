import { derivedSecretName } from '../contracts/names.ts';
import type { VaultSecret } from '../lifecycle/facts.ts';
import { readTags } from '../lifecycle/secret-tags.ts';
import type { Managed, TokenIdentity } from '../lifecycle/state.ts';
import type { ActivityPorts } from './activity-ports.ts';
import { configured } from './step-context.ts';

type Location = Pick<Managed['delivery'], 'vault' | 'secretName'>;

/** The secret that a token's password goes to. @throws ServiceFailure */
export function readSecret({ vault, secretName }: Location, { vaults }: ActivityPorts): Promise<VaultSecret> {
  return configured(vaults, vault).readSecret(secretName);
}

/**
 * The secret of a token whose record was lost: by its derived name in every vault, and then by the tags of every
 * secret there. Only where the registry has such a token is it worth that.
 *
 * @throws ServiceFailure
 */
export async function findLostSecret(
  identity: TokenIdentity,
  ports: ActivityPorts,
): Promise<VaultSecret | undefined> {
  const derived = derivedSecretName(identity.registry, identity.token);
  for (const store of ports.vaults.values()) {
    const secret = await store.readSecret(derived);
    if (isOurs(secret, identity)) return secret;
  }
  for (const store of ports.vaults.values()) {
    for await (const { secretName, tags } of store.listSecrets())
      if (readTags(tags, identity)) return store.readSecret(secretName);
  }
  return undefined;
}

/** Stands for a secret where there is none, and none is asked for. */
export function noSecret(identity: TokenIdentity): VaultSecret {
  const secretName = derivedSecretName(identity.registry, identity.token);
  return { vault: '', secretName, secretUri: '', standing: 'absent', versions: [] };
}

/** Whether Keyturn wrote some version of a secret for this token. */
export function isOurs({ versions }: VaultSecret, identity: TokenIdentity): boolean {
  return versions.some(({ tags }) => readTags(tags, identity));
}
