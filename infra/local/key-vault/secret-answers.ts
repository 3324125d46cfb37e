import { latestVersion, type Secret, type SecretVersion } from './secret.ts';

/** Writes secrets as Key Vault's answers have them. */
export class SecretAnswers {
  readonly #vaultUrl: () => string;
  readonly #retentionDays: number;

  constructor(vaultUrl: () => string, retentionDays: number) {
    this.#vaultUrl = vaultUrl;
    this.#retentionDays = retentionDays;
  }

  /** A version with its value. */
  withValue(secret: Secret, version: SecretVersion): Record<string, unknown> {
    return { value: version.value, ...this.withoutValue(secret, version) };
  }

  /** A version, with its id, but without its value. */
  withoutValue(secret: Secret, version: SecretVersion): Record<string, unknown> {
    return { ...this.#properties(version), id: `${this.#id(secret)}/${version.id}` };
  }

  /** A secret as lists have it: its latest version, but the id names none. */
  listed(secret: Secret): Record<string, unknown> {
    return { ...this.#properties(latestVersion(secret)), id: this.#id(secret) };
  }

  deleted(secret: Secret): Record<string, unknown> {
    return { ...this.#deletion(secret), ...this.withoutValue(secret, latestVersion(secret)) };
  }

  listedDeleted(secret: Secret): Record<string, unknown> {
    return { ...this.#deletion(secret), ...this.listed(secret) };
  }

  #id(secret: Secret): string {
    return `${this.#vaultUrl()}/secrets/${secret.name}`;
  }

  #deletion({ name, lifecycle }: Secret): Record<string, unknown> {
    if (lifecycle.kind !== 'deleted') return {};
    const { deletedDate, scheduledPurgeDate } = lifecycle;
    return { recoveryId: `${this.#vaultUrl()}/deletedsecrets/${name}`, deletedDate, scheduledPurgeDate };
  }

  #properties({ contentType, tags, ...version }: SecretVersion): Record<string, unknown> {
    return {
      contentType,
      attributes: {
        enabled: version.enabled,
        nbf: version.notBefore,
        exp: version.expires,
        created: version.created,
        updated: version.updated,
        recoveryLevel:
          this.#retentionDays === 90 ? 'Recoverable+Purgeable' : 'CustomizedRecoverable+Purgeable',
        recoverableDays: this.#retentionDays,
      },
      tags,
    };
  }
}
