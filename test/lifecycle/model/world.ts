import type { Instant } from '../../../src/contracts/instants.ts';
import { type Slot, slots } from '../../../src/lifecycle/credential.ts';
import type { RegistryToken, VaultSecret } from '../../../src/lifecycle/facts.ts';
import type { Tags } from '../../../src/lifecycle/secret-tags.ts';

export interface Password {
  readonly value: number;
  readonly createdAt: Instant;
  readonly expiresAt: Instant | undefined;
}

export interface Version {
  readonly version: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly tags: Tags;
  readonly value: number;
  enabled: boolean;
}

/** A registry with one token, and a vault with one secret. Passwords are numbers. Counts what is written. */
export class World {
  now: number;
  token: { enabled: boolean; scopeMap: string; passwords: Map<Slot, Password> } | undefined;
  ownMap: { description: string; actions: readonly string[] } | undefined;
  secret: { standing: 'absent' | 'present' | 'softDeleted'; versions: Version[] } = {
    standing: 'absent',
    versions: [],
  };
  readonly writes = { registry: 0, vault: 0 };
  #values = 0;

  constructor(now: Instant) {
    this.now = Date.parse(now);
  }

  /** Each thing that happens takes a moment, so that no two passwords are made at the same one. */
  tick(): Instant {
    this.now += 7;
    return this.instant();
  }

  instant(): Instant {
    return new Date(this.now).toISOString();
  }

  generate(slot: Slot, expiresAt: Instant | undefined): Password {
    if (!this.token) throw new Error('There is no token to generate a password for.');
    this.#values += 1;
    const password = { value: this.#values, createdAt: this.tick(), expiresAt };
    this.token.passwords.set(slot, password);
    return password;
  }

  /** The vault keeps whole seconds. */
  publish(value: number, expiresAt: Instant, tags: Tags): Version {
    const createdAt = new Date(Math.floor(this.now / 1000) * 1000).toISOString();
    const version = `version${this.secret.versions.length + 1}`;
    const published = { version, createdAt, expiresAt, tags, value, enabled: true };
    this.secret.standing = 'present';
    this.secret.versions.push(published);
    this.writes.vault += 1;
    return published;
  }

  newest(): Version | undefined {
    return this.secret.versions.at(-1);
  }

  logsIn(value: number): boolean {
    if (!this.token?.enabled) return false;
    return slots.some((slot) => {
      const password = this.token?.passwords.get(slot);
      return (
        password?.value === value && (password.expiresAt === undefined || password.expiresAt > this.instant())
      );
    });
  }

  registryToken(): RegistryToken | null {
    if (!this.token) return null;
    const { enabled, scopeMap, passwords } = this.token;
    return {
      enabled,
      scopeMap,
      passwords: [...passwords].map(([slot, { createdAt, expiresAt }]) => ({
        slot,
        createdAt,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      })),
    };
  }

  /** As the vault lists it: in no useful order, and only the last version of a deleted secret. */
  vaultSecret(location: { vault: string; secretName: string; secretUri: string }): VaultSecret {
    const { standing, versions } = this.secret;
    const known = standing === 'present' ? versions.toReversed() : versions.slice(-1);
    return {
      vault: location.vault,
      secretName: location.secretName,
      secretUri: location.secretUri,
      standing,
      versions:
        standing === 'absent' ? [] : known.map(({ value: _secret, ...metadata }) => ({ ...metadata })),
    };
  }
}
