import type { Registry } from '../configuration/configuration.ts';
import type { Instant } from '../contracts/instants.ts';
import { mergeObservations, type ReportedChange } from '../lifecycle/drift/observation.ts';
import { plus } from '../lifecycle/instant-arithmetic.ts';
import { checkRegistry, type Look } from '../watch/check-registry.ts';
import { type ComparedRegistry, compareRegistry } from '../watch/compare-registry.ts';
import { requestComparison, takeTurns } from '../watch/comparison-turns.ts';
import { noteReports } from '../watch/heard-reports.ts';
import { observe } from '../watch/notice-deviation.ts';
import { checkUnmanagedToken } from '../watch/unmanaged-token.ts';
import type { WatchPorts } from '../watch/watch-ports.ts';
import { isManaged } from '../watch/watch-unmanaged.ts';
import { noticeScopeMap } from './notice-scope-map.ts';
import { isOwnReport } from './own-report.ts';
import type { RegistryReport, ReportedOperation } from './registry-report.ts';
import { reportedChange } from './reported-change.ts';

/** A message is held no longer than this, in milliseconds: its lock is renewed for five minutes. */
const longestHold = 240_000;

/** What the reports on one registry led to, for the log. */
export interface HandledReports {
  readonly registry: string;
  readonly reports: number;
  /** Of these, by Keyturn, as they show. */
  readonly own: number;
  /** Tokens that were looked at by themselves. */
  readonly tokens: number;
  readonly compared: readonly ComparedRegistry[];
}

/** Acts on all reports of one message that are about one registry. May be done twice. @throws ServiceFailure */
export async function handleReports(
  registry: Registry,
  reports: readonly RegistryReport[],
  now: Instant,
  ports: WatchPorts,
): Promise<HandledReports> {
  const { identity } = ports.configuration;
  await noteReports(
    registry,
    reports
      .map(({ at }) => at)
      .sort()
      .at(-1) ?? now,
    now,
    ports,
  );
  const others = reports.filter((report) => !isOwnReport(report, identity));
  const changes = others.map((report) => ({ report, change: reportedChange(report, identity) }));
  const look = (some: typeof changes): Look =>
    lookAfter(
      some.map(({ change }) => change),
      now,
    );
  const ofRegistry = changes.filter(({ report }) => aboutRegistry.has(report.kind));
  if (ofRegistry.length > 0) await checkRegistry(registry, look(ofRegistry), ports);
  const byToken = Map.groupBy(changes, ({ report }) => tokenOf(report)?.toLowerCase());
  byToken.delete(undefined);
  for (const some of byToken.values()) {
    const token = tokenOf(some[0]?.report);
    if (token !== undefined) await lookAtToken(registry, token, look(some), ports);
  }
  const byMap = Map.groupBy(changes, ({ report }) => scopeMapOf(report)?.toLowerCase());
  for (const [scopeMap, some] of byMap)
    if (scopeMap !== undefined) await noticeScopeMap(registry, scopeMap, look(some), ports);
  const generated = changes.filter(({ report }) => report.kind === 'credentialsGenerated' && !report.token);
  const compared = generated.length > 0 ? await compareTokens(registry, look(generated), ports) : [];
  const own = reports.length - others.length;
  return { registry: registry.name, reports: reports.length, own, tokens: byToken.size, compared };
}

/** Without repeats, and with no more reports than are kept as evidence. */
function lookAfter(changes: readonly ReportedChange[], now: Instant): Look {
  const none = { noticedBy: 'report' as const, at: now, reports: [] };
  const { reports } = mergeObservations(none, { ...none, reports: [...changes] });
  return { noticedBy: 'report', reports, now };
}

const aboutRegistry: ReadonlySet<ReportedOperation> = new Set([
  'registryWritten',
  'registryDeleted',
  'adminCredentialsListed',
  'adminCredentialsRegenerated',
]);

function tokenOf(report: RegistryReport | undefined): string | undefined {
  return report && 'token' in report ? report.token : undefined;
}

function scopeMapOf(report: RegistryReport): string | undefined {
  return 'scopeMap' in report ? report.scopeMap : undefined;
}

/** A managed token's lifecycle looks for itself. */
async function lookAtToken(registry: Registry, token: string, look: Look, ports: WatchPorts): Promise<void> {
  const { name, loginServer } = registry;
  const identity = { registry: name, loginServer, token };
  const state = (await ports.records.readState(identity))?.state;
  if (state && state.status !== 'none' && state.status !== 'deleted') {
    const reports: ReportedChange[] = [...look.reports];
    await observe(state.identity, { noticedBy: 'report', at: look.now, reports }, ports);
  } else if (!(await isManaged(registry, token, ports)))
    await checkUnmanagedToken(registry, token, look, ports);
}

/**
 * New passwords: Azure does not say whose. One comparison is enough for all reports that came before it, so whoever
 * comes while another one is at it only leaves word.
 */
async function compareTokens(
  registry: Registry,
  { reports, now }: Look,
  ports: WatchPorts,
): Promise<ComparedRegistry[]> {
  await requestComparison(registry.name, { scope: 'tokens', now, reports }, ports);
  const until = plus(ports.clock.now().toISOString(), longestHold);
  return takeTurns(registry.name, until, ports, (turn) => compareRegistry(registry, turn, until, ports));
}
