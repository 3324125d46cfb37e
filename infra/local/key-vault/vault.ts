import type { Clock } from '../clock.ts';
import { durationInMilliseconds } from '../durations.ts';
import type { KeyVaultConfig, VaultConfig } from './key-vault-config.ts';
import { RequestWindows } from './request-windows.ts';
import { SecretAnswers } from './secret-answers.ts';
import { SecretStore } from './secret-store.ts';
import { type DataAction, dataActions } from './vault-authorization.ts';

/** One vault: its secrets, its limits and how it is known. */
export interface Vault {
  readonly name: string;
  readonly location: string;
  /** Azure Resource Manager's id of the vault. */
  readonly resourceId: string;
  /** `https://host:port`, known once it listens. */
  url: string;
  readonly clock: Clock;
  readonly store: SecretStore;
  readonly windows: RequestWindows;
  readonly answers: SecretAnswers;
  readonly deletedSecretReadAction: DataAction;
}

export function createVault(vault: VaultConfig, config: KeyVaultConfig, clock: Clock): Vault {
  const { subscriptionId, resourceGroup, location, settleAfter, deletedSecretReadNeeds } = config;
  const { name, retentionDays } = vault;
  const created: Vault = {
    name,
    location,
    resourceId: `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/microsoft.keyvault/vaults/${name}`,
    url: `https://${name}.vault.azure.net`,
    clock,
    store: new SecretStore(clock, { settleMilliseconds: durationInMilliseconds(settleAfter), retentionDays }),
    windows: new RequestWindows(clock, config.throttling),
    answers: new SecretAnswers(() => created.url, retentionDays),
    deletedSecretReadAction: dataActions[deletedSecretReadNeeds],
  };
  return created;
}
