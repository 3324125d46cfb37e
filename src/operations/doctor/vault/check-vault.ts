import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import type { Vault } from '../../../configuration/configuration.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { SecretStore } from '../../../ports/secret-store.ts';
import type { Asker } from '../ask.ts';
import type { Check } from '../check.ts';
import { clockDiagnosis } from '../clock-skew.ts';
import { type Diagnosis, ok, red, type Subject, warn } from '../diagnosis.ts';
import { failed } from '../failed.ts';
import { look, Unreachable } from '../look.ts';
import { type Probed, probeAll, rightsDiagnoses } from '../rights.ts';
import { challengeDiagnosis } from './vault-challenge.ts';
import { readingProbe, vaultProbes } from './vault-probes.ts';

const remedy =
  'Give the identity the role `Keyturn vault writer …` on the vault: deploy again, or see docs/deploy.md.';

export interface VaultCheckOptions {
  readonly vault: Vault;
  readonly store: SecretStore;
  readonly credential: TokenCredential;
  readonly verifyChallenge: boolean;
  readonly clock: Clock;
}

/** Whether a vault can be reached, lets Keyturn write, and does not let it read. */
export function checkVault({ vault, store, credential, verifyChallenge, clock }: VaultCheckOptions): Check {
  const subject: Subject = { kind: 'vault', name: vault.name };
  return {
    subject,
    timeLimit: 60_000,
    async examine(signal) {
      const seen = await look(`${vault.url.replace(/\/$/, '')}/secrets?api-version=7.4`, clock, signal).catch(
        orUnreachable,
      );
      if (seen instanceof Unreachable) return [unreachable(subject, vault, seen.why)];
      const { diagnosis, resource } = challengeDiagnosis(subject, vault.url, seen, verifyChallenge);
      if (resource === undefined) return [diagnosis];
      const asker: Asker = { service: 'vault', credential, scope: `${resource}/.default`, clock };
      const nobody = `keyturn-doctor-${randomUUID()}`;
      const [reading, ...writing] = await probeAll(
        asker,
        [readingProbe(vault.url, nobody), ...vaultProbes(vault.url, nobody)],
        signal,
      );
      return [
        diagnosis,
        await listed(subject, store, signal),
        ...rightsDiagnoses(subject, writing, { role: "Keyturn's role", remedy }),
        readingDiagnosis(subject, reading?.answer ?? 'unclear'),
        clockDiagnosis(`vault ${vault.name}`, seen.clockAhead),
      ];
    },
  };
}

function orUnreachable(error: unknown): Unreachable {
  if (error instanceof Unreachable) return error;
  throw error;
}

function unreachable(subject: Subject, { name, url }: Vault, why: string): Diagnosis {
  return red(
    subject,
    `${url} cannot be reached: ${why}`,
    `Open the way there, or correct the name of the vault, or \`vaults.${name}.url\`, in the configuration.`,
  );
}

async function listed(subject: Subject, store: SecretStore, signal: AbortSignal): Promise<Diagnosis> {
  try {
    for await (const _secret of store.listSecrets({ signal })) break;
    return ok(subject, 'secrets can be listed');
  } catch (error) {
    return failed(subject, 'secrets cannot be listed', error, {
      accessDenied: { remedy: `${remedy} If it has the role, look at the firewall of the vault.` },
    });
  }
}

/** The other way round than all other rights: it is well to be denied this one. */
export function readingDiagnosis(subject: Subject, answer: Probed['answer']): Diagnosis {
  if (answer === 'denied') return ok(subject, 'values of secrets cannot be read, as it should be');
  if (answer === 'allowed')
    return warn(
      subject,
      'values of secrets can be read: who takes over this identity has all passwords in the vault',
      'Take away `Microsoft.KeyVault/vaults/secrets/getSecret/action` (roles such as Key Vault Secrets User or Officer, or an access policy): Keyturn never reads.',
    );
  return warn(subject, 'cannot tell whether values of secrets can be read', 'Run the doctor again later.');
}
