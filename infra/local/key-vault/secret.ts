/** One version of a secret. Instants are seconds since 1970, as Key Vault tells them. */
export interface SecretVersion {
  /** 32 hexadecimal digits, random: their order says nothing about age. */
  readonly id: string;
  readonly value: string;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly enabled: boolean;
  readonly notBefore: number | undefined;
  readonly expires: number | undefined;
  readonly created: number;
  readonly updated: number;
}

/** What a request may say about a version, beside its value. What is undefined stays as it is. */
export interface SecretProperties {
  readonly contentType?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly enabled?: boolean | undefined;
  readonly notBefore?: number | undefined;
  readonly expires?: number | undefined;
}

/** What was last done to a secret as a whole, and when that has settled (milliseconds since 1970). */
export type Lifecycle =
  | { readonly kind: 'active'; readonly settledAt: number }
  | {
      readonly kind: 'deleted';
      readonly settledAt: number;
      /** Seconds since 1970. */
      readonly deletedDate: number;
      /** Seconds since 1970; from then on the secret is gone. */
      readonly scheduledPurgeDate: number;
    }
  | { readonly kind: 'purged'; readonly settledAt: number };

export interface Secret {
  /** As it was written when the secret was created; names compare case-insensitively. */
  readonly name: string;
  /** Oldest first, and never empty. */
  readonly versions: readonly [SecretVersion, ...SecretVersion[]];
  readonly lifecycle: Lifecycle;
}

export type SecretStatus = 'active' | 'deleting' | 'deleted' | 'recovering' | 'purging' | 'gone';

/** How a secret looks from outside at an instant in milliseconds. */
export function statusAt({ lifecycle }: Secret, now: number): SecretStatus {
  const settled = now >= lifecycle.settledAt;
  switch (lifecycle.kind) {
    case 'active':
      return settled ? 'active' : 'recovering';
    case 'deleted':
      if (!settled) return 'deleting';
      return now < lifecycle.scheduledPurgeDate * 1000 ? 'deleted' : 'gone';
    case 'purged':
      return settled ? 'gone' : 'purging';
  }
}

export function latestVersion({ versions }: Secret): SecretVersion {
  return versions.at(-1) ?? versions[0];
}
