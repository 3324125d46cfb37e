import type { Registry } from '../configuration/configuration.ts';
import type { Drift } from '../contracts/event-data.ts';
import type { RegistryFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import type { ReportedChange } from '../lifecycle/drift/observation.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { RegistryFacts, TokenRegistry } from '../ports/token-registry.ts';
import { adminPasswordsIn, backDoors, severityOf } from './back-doors.ts';
import { raiseFinding, resolveFinding } from './raise-finding.ts';
import { registryAttribution } from './registry-attribution.ts';
import { type RememberedFacts, rememberedFacts, rememberFacts } from './remembered-facts.ts';
import type { WatchPorts } from './watch-ports.ts';

/** Why a registry is looked at. */
export interface Look {
  readonly noticedBy: Drift['noticedBy'];
  readonly reports: readonly ReportedChange[];
  readonly now: Instant;
}

/**
 * Looks at a registry itself, with one read: whether it is the one that was there before, and whether one can come in past its tokens.
 * Null: there is no such registry.
 *
 * @throws ServiceFailure
 */
export async function checkRegistry(
  registry: Registry,
  look: Look,
  ports: WatchPorts,
): Promise<RegistryFacts | null> {
  const [facts, remembered] = await Promise.all([
    readFacts(registryPort(registry.name, ports)),
    rememberedFacts(registry.name, ports),
  ]);
  await checkIdentity(registry, facts, remembered, look, ports);
  if (facts) await checkBackDoors(registry, facts, remembered ?? facts, look, ports);
  return facts;
}

/** @throws Error if the registry is not configured */
export function registryPort(name: string, { registries }: Pick<WatchPorts, 'registries'>): TokenRegistry {
  const registry = registries.get(name);
  if (!registry) throw new Error('The registry is not configured.');
  return registry;
}

async function readFacts(registry: TokenRegistry): Promise<RegistryFacts | null> {
  try {
    return await registry.readRegistry();
  } catch (error) {
    if (isFailure(error, 'notFound')) return null;
    throw error;
  }
}

/**
 * One that was never seen is remembered as it is. One that is gone is told as one that was made again, which it then
 * will have been: either way its tokens are gone. The new one is remembered when that was told.
 */
async function checkIdentity(
  registry: Registry,
  facts: RegistryFacts | null,
  remembered: RememberedFacts | undefined,
  look: Look,
  ports: WatchPorts,
): Promise<void> {
  if (!remembered) {
    if (facts) await rememberFacts(registry.name, facts, ports);
    return;
  }
  const { createdAt } = remembered;
  if (facts?.createdAt === createdAt) return;
  const differences = [{ what: 'createdAt', believed: createdAt, found: facts?.createdAt ?? 'absent' }];
  await raise(registry, 'registryRecreated', 'critical', differences, look, ports);
  if (facts) await rememberFacts(registry.name, { ...remembered, createdAt: facts.createdAt }, ports);
}

async function checkBackDoors(
  registry: Registry,
  facts: RegistryFacts,
  then: RememberedFacts | RegistryFacts,
  look: Look,
  ports: WatchPorts,
): Promise<void> {
  const finding = 'registryBackDoor';
  const key = { registry: registry.name, finding } as const;
  const earlier = await ports.registryFindings.readFinding(key);
  const known = earlier && !earlier.gone ? adminPasswordsIn(earlier.open.drift.differences) : undefined;
  const taken = adminPasswordsTaken(look) ?? known;
  const differences = backDoors(facts, then, registry.accepted, taken);
  if (differences.length === 0) await resolveFinding(key, look.now, ports);
  else await raise(registry, finding, severityOf(differences), differences, look, ports);
}

/** Also by Keyturn's own identity: Keyturn never asks for them. */
function adminPasswordsTaken({ reports }: Look): 'listed' | 'regenerated' | undefined {
  if (reports.some(({ operation }) => operation === 'adminCredentialsRegenerated')) return 'regenerated';
  return reports.some(({ operation }) => operation === 'adminCredentialsListed') ? 'listed' : undefined;
}

async function raise(
  registry: Registry,
  finding: RegistryFinding,
  severity: 'warning' | 'critical',
  differences: Drift['differences'],
  { noticedBy, reports, now }: Look,
  ports: WatchPorts,
): Promise<void> {
  const attribution = registryAttribution(reports);
  await raiseFinding(registry, { finding, severity, differences, attribution, noticedBy }, now, ports);
}
