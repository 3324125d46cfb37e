import type { TableClient } from '@azure/data-tables';
import { RegistryFindingsTable } from '../../../adapters/registry-findings-table.ts';
import { RegistryNotesTable } from '../../../adapters/registry-notes-table.ts';
import type { Instant } from '../../../contracts/instants.ts';
import type { Clock } from '../../../ports/clock.ts';
import { lastReported } from '../../../watch/heard-reports.ts';
import { tableExists } from '../tables/check-table.ts';

/** What Keyturn has noted of Azure's reports on a registry. */
export interface ReportEvidence {
  /** When that happened of which the last one was. */
  readonly lastAt?: Instant | undefined;
  /** Whether the finding `eventsMissing` is open: something that Keyturn did was not reported. */
  readonly missing: boolean;
}

/** Undefined: nothing was noted yet. @throws ServiceFailure */
export async function readReportEvidence(
  registry: string,
  findings: TableClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<ReportEvidence | undefined> {
  if (!(await tableExists(findings, clock, signal))) return undefined;
  const key = { registry, finding: 'eventsMissing' } as const;
  const found = await new RegistryFindingsTable(findings, clock).readFinding(key);
  const lastAt = await lastReported(registry, { notes: new RegistryNotesTable(findings, clock) });
  return { lastAt, missing: found !== undefined && !found.gone };
}
