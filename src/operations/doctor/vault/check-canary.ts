import { type Instant, latestInstant } from '../../../contracts/instants.ts';
import type { VaultSecret } from '../../../lifecycle/facts.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { SecretStore } from '../../../ports/secret-store.ts';
import { isFailure } from '../../../ports/service-failure.ts';
import type { Check } from '../check.ts';
import { type Diagnosis, ok, red, type Subject, warn } from '../diagnosis.ts';
import { failed, type Meanings } from '../failed.ts';

/** The one secret that the doctor writes. Between two runs it is soft-deleted, as Keyturn may not purge. */
export const canaryName = 'keyturn-doctor-canary';

const ownTag = { keyturn: 'doctor-canary' };
const value = 'This is no password. The doctor of Keyturn wrote it to see whether the vault takes it.';
const day = 24 * 3_600_000;

export interface CanaryOptions {
  readonly vault: string;
  readonly store: SecretStore;
  /** Milliseconds. */
  readonly validity: number;
  readonly clock: Clock;
}

/**
 * Whether the vault takes a secret that is valid for as long as the longest that Keyturn will write: an Azure Policy may
 * refuse it, which shows only then. The secret is deleted at once, and recovered and written over by the next run.
 */
export function checkCanary({ vault, store, validity, clock }: CanaryOptions): Check {
  const subject: Subject = { kind: 'canary', name: vault };
  return {
    subject,
    timeLimit: 120_000,
    async examine(signal) {
      const expiresAt = validUntil(clock.now(), validity);
      const days = `${Math.ceil(validity / day)} days, until ${expiresAt.slice(0, 10)},`;
      try {
        const before = await store.readSecret(canaryName, { signal });
        if (isOfOthers(before)) return [notOurs(subject)];
        if (before.standing === 'softDeleted') await store.recoverSecret(canaryName, { signal });
        const contentType = 'text/plain';
        await store.writeVersion(canaryName, { value, contentType, expiresAt, tags: ownTag }, { signal });
      } catch (error) {
        return [failed(subject, `a secret valid for ${days} is not taken`, error, refusals(vault, days))];
      }
      return [await removed(subject, store, days, signal)];
    },
  };
}

async function removed(
  subject: Subject,
  store: SecretStore,
  days: string,
  signal: AbortSignal,
): Promise<Diagnosis> {
  try {
    await store.deleteSecret(canaryName, { signal });
    return ok(subject, `a secret valid for ${days} is taken, and deleted again`);
  } catch (error) {
    const why = isFailure(error) ? error.code : 'unexpected';
    return warn(
      subject,
      `a secret valid for ${days} is taken, but not deleted again (${why})`,
      `Delete the secret ${canaryName}, or run the doctor again.`,
    );
  }
}

/** In whole seconds, as the vault keeps it. */
export function validUntil(now: Date, validity: number): Instant {
  const end = Math.min(now.getTime() + validity, Date.parse(latestInstant));
  return new Date(Math.floor(end / 1_000) * 1_000).toISOString();
}

/** A version without our tag is not ours to write over. */
export function isOfOthers({ standing, versions }: Pick<VaultSecret, 'standing' | 'versions'>): boolean {
  if (standing === 'absent') return false;
  return !versions.every(({ tags }) => tags.keyturn === ownTag.keyturn);
}

function notOurs(subject: Subject): Diagnosis {
  return red(
    subject,
    `there is a secret ${canaryName} that the doctor did not write`,
    'Rename it, or leave the canary out with --no-canary.',
  );
}

function refusals(vault: string, days: string): Meanings {
  return {
    accessDenied: {
      says: `a secret valid for ${days} is refused`,
      remedy: `If the line on the rights of the vault is green, an Azure Policy on the validity of secrets refuses it: set \`vaults.${vault}.longestValidity\` to what the policy allows, and bound \`maximumOverlap\` of the entrances that deliver there to half of it.`,
    },
    beingDeleted: {
      remedy: 'The canary of another run is still being deleted. Run the doctor again in a minute.',
    },
    conflict: {
      remedy: 'The canary of another run is still being deleted. Run the doctor again in a minute.',
    },
  };
}
