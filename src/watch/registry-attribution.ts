import type { Drift } from '../contracts/event-data.ts';
import type { LikelyCause } from '../contracts/findings.ts';
import type { ReportedChange } from '../lifecycle/drift/observation.ts';

/** Who or what is likely to have brought a finding about, and why we think so. */
export type RegistryAttribution = Pick<Drift, 'cause' | 'evidence'> &
  Partial<Pick<Drift, 'actor' | 'happenedAt'>>;

/** What was done, for a sentence. */
const deeds: Readonly<Record<string, string>> = {
  tokenWritten: 'wrote the token',
  registryWritten: 'wrote the registry',
  registryDeleted: 'deleted the registry',
  adminCredentialsListed: 'read the admin passwords',
  adminCredentialsRegenerated: 'made a new admin password',
};

const causes: Readonly<Record<string, LikelyCause>> = { user: 'person', application: 'automation' };

/** Explains a finding by the last change of others that was reported; or by one of whose author Azure tells nothing. */
export function registryAttribution(reports: readonly ReportedChange[]): RegistryAttribution {
  const inOrder = [...reports].sort((one, other) => (one.at < other.at ? -1 : 1));
  const report =
    inOrder.findLast(({ by }) => by === 'others') ?? inOrder.findLast(({ by }) => by === 'unknown');
  if (!report) return { cause: 'unknown', evidence: [] };
  const { actor, at } = report;
  return { cause: causes[actor.kind] ?? 'unknown', evidence: [sentence(report)], actor, happenedAt: at };
}

function sentence({ actor, operation, at }: ReportedChange): string {
  const name = actor.name ?? actor.objectId;
  const who = actor.kind === 'unknown' ? 'somebody' : ['the', actor.kind, ...(name ? [name] : [])].join(' ');
  return `Azure reports that ${who} ${deeds[operation] ?? 'changed something'} at ${at}.`;
}
