import type { SecretProperties } from '@azure/keyvault-secrets';
import type { SecretVersion } from '../lifecycle/facts.ts';
import type { ListedSecret } from '../ports/secret-store.ts';

/** A secret version as the vault describes it; the vault's times are whole seconds. */
export function secretVersionOf(properties: SecretProperties): SecretVersion {
  return { version: properties.version ?? '', ...describedBy(properties) };
}

export function listedSecretOf(properties: SecretProperties): ListedSecret {
  return { secretName: properties.name, ...describedBy(properties) };
}

function describedBy({ createdOn, enabled, expiresOn, tags }: SecretProperties) {
  return {
    createdAt: (createdOn ?? new Date(0)).toISOString(),
    enabled: enabled ?? false,
    ...(expiresOn ? { expiresAt: expiresOn.toISOString() } : {}),
    tags: tags ?? {},
  };
}
