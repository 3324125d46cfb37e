import type { Instant } from '../contracts/instants.ts';
import type { SecretVersion, VaultSecret } from '../lifecycle/facts.ts';
import type { Tags } from '../lifecycle/secret-tags.ts';
import type { CallLimits, WriteLimits } from './call-limits.ts';

export interface NewSecretVersion {
  readonly value: string;
  readonly contentType: string;
  readonly expiresAt: Instant;
  readonly tags: Tags;
}

/** The newest version of a secret, as the list of a vault has it. */
export interface ListedSecret extends Omit<SecretVersion, 'version'> {
  readonly secretName: string;
}

/**
 * The secrets of one vault. No value is ever read: the identity need not be allowed to.
 *
 * @throws ServiceFailure from every method
 */
export interface SecretStore {
  /** With all versions in any order; of a deleted secret, its last one. */
  readSecret(secretName: string, limits?: CallLimits): Promise<VaultSecret>;
  /**
   * Adds a version, which is what consumers read from then on. Asked once, never repeated. Of a name that is taken by
   * a deleted secret `deletedButRecoverable`, of one that is changing `beingDeleted` or `beingRecovered`.
   */
  writeVersion(secretName: string, version: NewSecretVersion, limits?: WriteLimits): Promise<SecretVersion>;
  /** All else of the version stays. False: there is no such version. */
  setVersionEnabled(
    secretName: string,
    version: string,
    enabled: boolean,
    limits?: WriteLimits,
  ): Promise<boolean>;
  /** Resolves when the secret is among the deleted ones, from where it can be recovered. False: there was none. */
  deleteSecret(secretName: string, limits?: WriteLimits): Promise<boolean>;
  /** Resolves when the secret is back and can be written. False: there is no deleted secret of that name. */
  recoverSecret(secretName: string, limits?: WriteLimits): Promise<boolean>;
  /** Page by page as it is read. */
  listSecrets(limits?: CallLimits): AsyncIterable<ListedSecret>;
  /** The same of what was deleted and can be recovered. */
  listDeletedSecrets(limits?: CallLimits): AsyncIterable<ListedSecret>;
}
