import type { Registry } from '../configuration/configuration.ts';
import type { Drift } from '../contracts/event-data.ts';
import type { OpenFinding } from '../ports/findings.ts';
import type { RegistryFacts } from '../ports/token-registry.ts';

/** What the network rules of a registry were when it was seen first. */
export type NetworkThen = Pick<RegistryFacts, 'publicNetworkAccess' | 'allowedByDefault'>;

/** What was done to the admin passwords. Who has seen them can use them until the admin user is off. */
export type AdminPasswords = 'listed' | 'regenerated';

/** Ways into a registry that lead past its tokens, and that are not accepted there. */
export function backDoors(
  facts: RegistryFacts,
  then: NetworkThen,
  accepted: Registry['accepted'],
  adminPasswords: AdminPasswords | undefined,
): Drift['differences'] {
  const differences: Drift['differences'] = [];
  if (facts.adminUserEnabled && !accepted.includes('adminUser')) {
    differences.push({ what: 'adminUser', believed: 'off', found: 'on' });
    if (adminPasswords) differences.push({ what: adminPasswordsTaken, found: adminPasswords });
  }
  if (facts.anonymousPullEnabled && !accepted.includes('anonymousPull'))
    differences.push({ what: 'anonymousPull', believed: 'off', found: 'on' });
  if (accepted.includes('publicNetwork')) return differences;
  if (facts.publicNetworkAccess && !then.publicNetworkAccess)
    differences.push({ what: 'publicNetworkAccess', believed: 'off', found: 'on' });
  if (facts.allowedByDefault && !then.allowedByDefault)
    differences.push({ what: 'networkDefault', believed: 'deny', found: 'allow' });
  return differences;
}

const adminPasswordsTaken = 'adminPasswords';

/** What an open finding says of the admin passwords. */
export function adminPasswordsIn(differences: Drift['differences'] = []): AdminPasswords | undefined {
  const taken = differences.find(({ what }) => what === adminPasswordsTaken)?.found;
  return taken === 'listed' || taken === 'regenerated' ? taken : undefined;
}

/** A wider network alone lets nobody in who has no password. */
export function severityOf(differences: Drift['differences']): OpenFinding['severity'] {
  const onlyNetwork = differences.every(
    ({ what }) => what === 'publicNetworkAccess' || what === 'networkDefault',
  );
  return onlyNetwork ? 'warning' : 'critical';
}
