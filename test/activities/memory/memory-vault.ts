import type { SecretVersion, VaultSecret } from '../../../src/lifecycle/facts.ts';
import type { WriteLimits } from '../../../src/ports/call-limits.ts';
import type { ListedSecret, NewSecretVersion, SecretStore } from '../../../src/ports/secret-store.ts';
import { ServiceFailure, type ServiceFailureCode } from '../../../src/ports/service-failure.ts';
import type { MemoryClock } from './memory-clock.ts';

export type StoredVersion = SecretVersion & { readonly value: string; readonly contentType: string };

interface StoredSecret {
  deleted: boolean;
  versions: StoredVersion[];
}

/** A vault in memory. Times are cut to whole seconds, as the real one's. */
export class MemoryVault implements SecretStore {
  readonly secrets = new Map<string, StoredSecret>();
  readonly writes: string[] = [];
  readonly #clock: MemoryClock;
  readonly #name: string;

  constructor(clock: MemoryClock, name = 'team-vault') {
    this.#clock = clock;
    this.#name = name;
  }

  async readSecret(secretName: string): Promise<VaultSecret> {
    const secret = this.secrets.get(secretName);
    const secretUri = `https://${this.#name}.vault.azure.net/secrets/${secretName}`;
    const standing = secret ? (secret.deleted ? 'softDeleted' : 'present') : 'absent';
    const known = secret?.deleted ? secret.versions.slice(-1) : (secret?.versions.toReversed() ?? []);
    const versions = known.map(({ value: _value, contentType: _type, ...version }) => version);
    return { vault: this.#name, secretName, secretUri, standing, versions };
  }

  async writeVersion(
    secretName: string,
    { value, contentType, expiresAt, tags }: NewSecretVersion,
    limits: WriteLimits = {},
  ): Promise<SecretVersion> {
    const secret = this.secrets.get(secretName) ?? { deleted: false, versions: [] };
    if (secret.deleted) throw this.#failure('writeVersion', 'deletedButRecoverable');
    this.#write('writeVersion', limits);
    const createdAt = `${this.#clock.instant().slice(0, 19)}.000Z`;
    const version = `version${secret.versions.length + 1}`;
    const stored = { version, createdAt, enabled: true, expiresAt, tags, value, contentType };
    secret.versions.push(stored);
    this.secrets.set(secretName, secret);
    return { version, createdAt, enabled: true, expiresAt, tags };
  }

  async setVersionEnabled(
    secretName: string,
    version: string,
    enabled: boolean,
    limits: WriteLimits = {},
  ): Promise<boolean> {
    const secret = this.secrets.get(secretName);
    if (!secret?.versions.some((each) => each.version === version)) return false;
    this.#write('setVersionEnabled', limits);
    secret.versions = secret.versions.map((each) => (each.version === version ? { ...each, enabled } : each));
    return true;
  }

  async deleteSecret(secretName: string, limits: WriteLimits = {}): Promise<boolean> {
    return this.#setDeleted('deleteSecret', secretName, true, limits);
  }

  async recoverSecret(secretName: string, limits: WriteLimits = {}): Promise<boolean> {
    return this.#setDeleted('recoverSecret', secretName, false, limits);
  }

  async *listSecrets(): AsyncGenerator<ListedSecret> {
    yield* this.#list(false);
  }

  async *listDeletedSecrets(): AsyncGenerator<ListedSecret> {
    yield* this.#list(true);
  }

  *#list(wanted: boolean): Generator<ListedSecret> {
    for (const [secretName, { versions, deleted }] of this.secrets) {
      const newest = versions.at(-1);
      if (!newest || deleted !== wanted) continue;
      const { createdAt, enabled, expiresAt, tags } = newest;
      yield { secretName, createdAt, enabled, tags, ...(expiresAt === undefined ? {} : { expiresAt }) };
    }
  }

  newest(secretName: string): StoredVersion | undefined {
    const secret = this.secrets.get(secretName);
    return secret && !secret.deleted ? secret.versions.at(-1) : undefined;
  }

  #setDeleted(operation: string, secretName: string, deleted: boolean, limits: WriteLimits): boolean {
    const secret = this.secrets.get(secretName);
    if (!secret || secret.deleted === deleted) return false;
    this.#write(operation, limits);
    secret.deleted = deleted;
    return true;
  }

  #write(operation: string, { notAfter }: WriteLimits): void {
    if (notAfter !== undefined && this.#clock.instant() > notAfter) throw this.#failure(operation, 'tooLate');
    this.writes.push(operation);
  }

  #failure(operation: string, code: ServiceFailureCode): ServiceFailure {
    return new ServiceFailure({ service: 'vault', operation, code });
  }
}
