import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import {
  badParameter,
  beingDeleted,
  beingRecovered,
  deletedButRecoverable,
  deletedSecretNotFound,
  secretNotFound,
} from './key-vault-error.ts';
import {
  latestVersion,
  type Secret,
  type SecretProperties,
  type SecretStatus,
  type SecretVersion,
  statusAt,
} from './secret.ts';

const secondsInDay = 24 * 60 * 60;

/** A version that the vault holds or once held. */
export interface StoredValue {
  readonly name: string;
  readonly version: string;
  readonly value: string;
}

/** The secrets of one vault. Names compare case-insensitively. What it refuses it throws as `KeyVaultError`. */
export class SecretStore {
  /** By name in lower case. */
  readonly #secrets = new Map<string, Secret>();
  /** The keys of the secrets in order, or nothing when they are to be sorted anew. */
  #sortedKeys: string[] | undefined;
  readonly #values: StoredValue[] = [];
  readonly #clock: Clock;
  readonly #settleMilliseconds: number;
  readonly #retentionDays: number;

  constructor(clock: Clock, options: { settleMilliseconds: number; retentionDays: number }) {
    this.#clock = clock;
    this.#settleMilliseconds = options.settleMilliseconds;
    this.#retentionDays = options.retentionDays;
  }

  /** Every value that was ever stored, gone or not, oldest first. */
  get storedValues(): readonly StoredValue[] {
    return this.#values;
  }

  /** Adds a version to a secret, or creates it. */
  set(name: string, value: string, properties: SecretProperties): { secret: Secret; version: SecretVersion } {
    const existing = this.#find(name);
    const status = this.#status(existing);
    if (status === 'deleting' || status === 'purging') throw beingDeleted(name);
    if (status === 'deleted') throw deletedButRecoverable(name);
    if (status === 'recovering') throw beingRecovered();
    const version = this.#newVersion(value, properties);
    const secret: Secret =
      existing && status === 'active'
        ? { ...existing, versions: [...existing.versions, version] }
        : { name, versions: [version], lifecycle: { kind: 'active', settledAt: 0 } };
    this.#put(secret);
    this.#values.push({ name: secret.name, version: version.id, value });
    return { secret, version };
  }

  /** A version of an active secret; without an id, the latest. */
  version(name: string, id: string | undefined): { secret: Secret; version: SecretVersion } {
    const secret = this.#find(name);
    if (!secret || this.#status(secret) !== 'active') throw secretNotFound(id ? `${name}/${id}` : name);
    const version = id
      ? secret.versions.find((candidate) => candidate.id === id.toLowerCase())
      : latestVersion(secret);
    if (!version) throw secretNotFound(`${name}/${id}`);
    return { secret, version };
  }

  /** Changes what is said about a version of an active secret; without an id, about the latest. */
  update(
    name: string,
    id: string | undefined,
    changes: SecretProperties,
  ): { secret: Secret; version: SecretVersion } {
    const { secret, version } = this.version(name, id);
    const changed = { ...withProperties(version, changes), updated: this.#seconds() };
    const [first, ...others] = secret.versions.map((each) => (each.id === version.id ? changed : each));
    if (first) this.#put({ ...secret, versions: [first, ...others] });
    return { secret, version: changed };
  }

  /** The versions of an active secret, oldest first; none for any other name, as on Azure. */
  versions(name: string): { secret: Secret; version: SecretVersion }[] {
    const secret = this.#find(name);
    if (!secret || this.#status(secret) !== 'active') return [];
    return secret.versions.map((version) => ({ secret, version }));
  }

  /** Everything that has a place in the vault's lists, by name. */
  all(): { secret: Secret; status: SecretStatus }[] {
    this.#sortedKeys ??= [...this.#secrets.keys()].toSorted();
    return this.#sortedKeys.flatMap((key) => {
      const secret = this.#secrets.get(key);
      const status = this.#status(secret);
      return secret && status !== 'gone' ? [{ secret, status }] : [];
    });
  }

  /** Soft-deletes an active secret. */
  delete(name: string): Secret {
    const secret = this.#inStatus(name, 'active', () => secretNotFound(name));
    const deletedDate = this.#seconds();
    const scheduledPurgeDate = deletedDate + this.#retentionDays * secondsInDay;
    const lifecycle = {
      kind: 'deleted',
      settledAt: this.#settledAt(),
      deletedDate,
      scheduledPurgeDate,
    } as const;
    return this.#put({ ...secret, lifecycle });
  }

  deleted(name: string): Secret {
    const secret = this.#find(name);
    if (!secret || this.#status(secret) !== 'deleted') throw deletedSecretNotFound(name);
    return secret;
  }

  recover(name: string): { secret: Secret; version: SecretVersion } {
    const secret = this.#inStatus(name, 'deleted', () => secretNotFound(name));
    this.#put({ ...secret, lifecycle: { kind: 'active', settledAt: this.#settledAt() } });
    return { secret, version: latestVersion(secret) };
  }

  purge(name: string): void {
    const secret = this.#inStatus(name, 'deleted', () => deletedSecretNotFound(name));
    this.#put({ ...secret, lifecycle: { kind: 'purged', settledAt: this.#settledAt() } });
  }

  clear(): void {
    this.#secrets.clear();
    this.#sortedKeys = undefined;
    this.#values.length = 0;
  }

  /** The secret if it has this status; a conflict while it is on its way elsewhere, otherwise `orElse`. */
  #inStatus(name: string, wanted: SecretStatus, orElse: () => Error): Secret {
    const secret = this.#find(name);
    const status = this.#status(secret);
    if (status === 'deleting' || status === 'purging') throw beingDeleted();
    if (status === 'recovering') throw beingRecovered();
    if (!secret || status !== wanted) throw orElse();
    return secret;
  }

  #newVersion(value: string, properties: SecretProperties): SecretVersion {
    const now = this.#seconds();
    const blank: SecretVersion = {
      id: randomBytes(16).toString('hex'),
      value,
      contentType: undefined,
      tags: undefined,
      enabled: true,
      notBefore: undefined,
      expires: undefined,
      created: now,
      updated: now,
    };
    return withProperties(blank, properties);
  }

  #find(name: string): Secret | undefined {
    return this.#secrets.get(name.toLowerCase());
  }

  #put(secret: Secret): Secret {
    const key = secret.name.toLowerCase();
    if (!this.#secrets.has(key)) this.#sortedKeys = undefined;
    this.#secrets.set(key, secret);
    return secret;
  }

  #status(secret: Secret | undefined): SecretStatus {
    return secret ? statusAt(secret, this.#clock.now().getTime()) : 'gone';
  }

  #seconds(): number {
    return Math.floor(this.#clock.now().getTime() / 1000);
  }

  #settledAt(): number {
    return this.#clock.now().getTime() + this.#settleMilliseconds;
  }
}

function withProperties(version: SecretVersion, changes: SecretProperties): SecretVersion {
  const { contentType, tags, enabled, notBefore, expires } = changes;
  const changed = {
    ...version,
    contentType: contentType ?? version.contentType,
    tags: tags ?? version.tags,
    enabled: enabled ?? version.enabled,
    notBefore: notBefore ?? version.notBefore,
    expires: expires ?? version.expires,
  };
  if (
    changed.notBefore !== undefined &&
    changed.expires !== undefined &&
    changed.expires <= changed.notBefore
  )
    throw badParameter();
  return changed;
}
