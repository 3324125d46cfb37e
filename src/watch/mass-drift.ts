import type { Registry } from '../configuration/configuration.ts';
import type { TokenFinding } from '../contracts/findings.ts';
import { tokenFindings } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import { massDriftLimit, massDriftWithin } from '../lifecycle/drift/mass-drift.ts';
import { minute } from '../lifecycle/instant-arithmetic.ts';
import type { Findings } from '../ports/findings.ts';
import type { Inventory } from '../ports/inventory.ts';
import { type FindingPorts, raiseFinding, resolveFinding } from './raise-finding.ts';

type RegistryNames = Pick<Registry, 'name' | 'loginServer'>;

/**
 * Says of a registry that too many of its tokens show one finding, so that nothing is done about any of them. However
 * many tokens say so, it is told once for each finding.
 *
 * @throws ServiceFailure
 */
export async function raiseMassDrift(
  registry: RegistryNames,
  finding: TokenFinding,
  now: Instant,
  ports: FindingPorts,
): Promise<void> {
  const known = await heldBack(registry.name, ports);
  if (known.includes(finding)) return;
  const differences = [...known, finding].map((what) => ({ what }));
  const evidence = [
    `More than 2 % of the registry's tokens, and more than ten, showed ${finding} within ${massDriftWithin / minute} minutes.`,
  ];
  const attribution = { cause: 'unknown' as const, evidence };
  await raiseFinding(
    registry,
    { finding: 'massDrift', severity: 'critical', differences, attribution, noticedBy: 'report' },
    now,
    ports,
  );
}

/** Ends it once no more tokens show any of these findings than may be healed. @throws ServiceFailure */
export async function endMassDrift(
  { name }: RegistryNames,
  now: Instant,
  ports: FindingPorts & {
    readonly inventory: Pick<Inventory, 'countManaged'>;
    readonly findings: Pick<Findings, 'listFindings'>;
  },
): Promise<void> {
  const known = await heldBack(name, ports);
  if (known.length === 0) return;
  const limit = massDriftLimit(await ports.inventory.countManaged(name));
  for (const finding of known) if (await areMoreOpen(name, finding, limit, ports.findings)) return;
  await resolveFinding({ registry: name, finding: 'massDrift' }, now, ports);
}

/** The findings of a registry that nothing is done about. @throws ServiceFailure */
export async function heldBack(
  registry: string,
  { registryFindings }: Pick<FindingPorts, 'registryFindings'>,
): Promise<TokenFinding[]> {
  const stored = await registryFindings.readFinding({ registry, finding: 'massDrift' });
  if (!stored || stored.gone) return [];
  const names = stored.open.drift.differences.map(({ what }) => what);
  return (Object.keys(tokenFindings) as TokenFinding[]).filter((finding) => names.includes(finding));
}

async function areMoreOpen(
  registry: string,
  finding: TokenFinding,
  limit: number,
  findings: Pick<Findings, 'listFindings'>,
): Promise<boolean> {
  let count = 0;
  let continuation: string | undefined;
  do {
    const page = await findings.listFindings({ registry, finding }, { pageSize: 1_000, continuation });
    count += page.items.length;
    continuation = page.continuation;
  } while (count <= limit && continuation !== undefined);
  return count > limit;
}
