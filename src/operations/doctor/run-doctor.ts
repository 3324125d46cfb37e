import type { Clock } from '../../ports/clock.ts';
import { hasManagedIdentity, operatorCredentials } from '../operator-credentials.ts';
import { type Check, carryOut } from './check.ts';
import type { Diagnosis, Subject } from './diagnosis.ts';
import { checksFor } from './examine.ts';
import { readSettings } from './settings/read-settings.ts';
import { checkVersions } from './versions/check-versions.ts';

export interface DoctorOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a secret is written into each vault. */
  readonly canary: boolean;
  readonly clock: Clock;
  /** Gets the subjects of the lines to come, and then each line as soon as those before it are there. */
  readonly show: (diagnosis: Diagnosis, subjects: readonly Subject[]) => void;
}

/** Looks at everything, all at the same time, and tells it in an order that is always the same. */
export async function runDoctor({ environment, canary, clock, show }: DoctorOptions): Promise<Diagnosis[]> {
  const settings = readSettings(environment);
  const { checks, close } = checksFor({
    settings,
    credentials: operatorCredentials(environment),
    isManaged: hasManagedIdentity(environment),
    canary,
    clock,
  });
  const all: readonly Check[] = [...checks, checkVersions()];
  const subjects = [...settings.diagnoses, ...all.map(({ subject }) => subject)];
  const found: Diagnosis[] = [];
  const tell = (diagnoses: readonly Diagnosis[]) => {
    for (const diagnosis of diagnoses) show(diagnosis, subjects);
    found.push(...diagnoses);
  };
  try {
    const underWay = all.map(carryOut);
    tell(settings.diagnoses);
    for (const examined of underWay) tell(await examined);
  } finally {
    await close();
  }
  return found;
}
