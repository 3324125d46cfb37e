import { createHash } from 'node:crypto';
import type { Registry } from '../configuration/configuration.ts';
import type { Drift } from '../contracts/event-data.ts';
import { buildEvent, type KeyturnEvent } from '../contracts/events.ts';
import type { RegistryFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import type { OpenFinding } from '../ports/findings.ts';
import type { RegistryFindingKey, StoredRegistryFinding } from '../ports/registry-findings.ts';
import { ServiceFailure } from '../ports/service-failure.ts';
import type { RegistryAttribution } from './registry-attribution.ts';
import type { WatchPorts } from './watch-ports.ts';

/** What was found wrong with a registry, or with a token in it that nobody manages. */
export interface RegistryDeviation {
  readonly finding: RegistryFinding;
  readonly token?: string | undefined;
  readonly severity: OpenFinding['severity'];
  readonly differences: Drift['differences'];
  readonly attribution: RegistryAttribution;
  readonly noticedBy: Drift['noticedBy'];
}

export type FindingPorts = Pick<WatchPorts, 'registryFindings' | 'events'>;

/** So often somebody else may be faster before we give up. */
const mostTries = 5;

/**
 * Opens a finding and tells it; or says more of one that is open, and tells that only if it differs from what was told.
 * A finding is told at least once, and a repeat carries the same id: its event is kept until it was sent.
 *
 * @throws ServiceFailure; what could not be told yet is told by the timer
 */
export async function raiseFinding(
  registry: Pick<Registry, 'name' | 'loginServer'>,
  deviation: RegistryDeviation,
  now: Instant,
  ports: FindingPorts,
): Promise<'told' | 'known'> {
  const { finding, token } = deviation;
  return untilWritten({ registry: registry.name, finding, token }, ports, async (earlier) => {
    const before = earlier && !earlier.gone ? earlier.open : undefined;
    const open = openFinding(registry, deviation, before, now);
    if (before && isSame(before, open)) return 'known';
    const row = { open, gone: false, untold: detected(open, now) };
    return (await writeAndTell(row, earlier, ports)) && 'told';
  });
}

/** Closes a finding and tells that it is gone, if it is open. @throws ServiceFailure as `raiseFinding` */
export async function resolveFinding(
  key: RegistryFindingKey,
  now: Instant,
  ports: FindingPorts,
): Promise<'told' | 'none'> {
  return untilWritten(key, ports, async (earlier) => {
    if (!earlier || earlier.gone) return 'none';
    const row = { open: earlier.open, gone: true, untold: resolved(earlier.open, now) };
    return (await writeAndTell(row, earlier, ports)) && 'told';
  });
}

/** Tells what was not told yet of a registry, such as after a crash. @throws ServiceFailure */
export async function tellUntold(registry: string, ports: FindingPorts): Promise<number> {
  let told = 0;
  for await (const stored of ports.registryFindings.listKept(registry, 'untold')) {
    await tell(stored, ports);
    told += 1;
  }
  return told;
}

/** What was not told before is told first, so that no event takes the place of another. */
async function untilWritten<Result>(
  key: RegistryFindingKey,
  ports: FindingPorts,
  act: (earlier: StoredRegistryFinding | undefined) => Promise<Result | false>,
): Promise<Result> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const earlier = await ports.registryFindings.readFinding(key);
    if (earlier?.untold) await tell(earlier, ports);
    else {
      const result = await act(earlier);
      if (result !== false) return result;
    }
  }
  throw new ServiceFailure({ service: 'records', operation: 'writeFinding', code: 'conflict' });
}

async function writeAndTell(
  row: Parameters<WatchPorts['registryFindings']['writeFinding']>[0],
  earlier: StoredRegistryFinding | undefined,
  ports: FindingPorts,
): Promise<boolean> {
  const written = await ports.registryFindings.writeFinding(row, earlier);
  if (!written) return false;
  await tell(written, ports);
  return true;
}

async function tell(
  stored: StoredRegistryFinding,
  { registryFindings, events }: FindingPorts,
): Promise<void> {
  const { open, gone, untold } = stored;
  if (untold) await events.publish(untold);
  if (gone) await registryFindings.removeFinding(stored);
  else await registryFindings.writeFinding({ open, gone }, stored);
}

function openFinding(
  { name, loginServer }: Pick<Registry, 'name' | 'loginServer'>,
  { finding, token, severity, differences, attribution, noticedBy }: RegistryDeviation,
  before: OpenFinding | undefined,
  now: Instant,
): OpenFinding {
  const drift: Drift = {
    finding,
    since: before?.drift.since ?? now,
    ...attribution,
    differences,
    noticedBy,
    done: 'nothing',
  };
  return { registry: name, loginServer, ...(token === undefined ? {} : { token }), severity, drift };
}

/** Who it was is no news by itself: a look without a report would take it back. */
function isSame(one: OpenFinding, other: OpenFinding): boolean {
  const told = ({ severity, drift }: OpenFinding) => JSON.stringify([severity, drift.differences]);
  return told(one) === told(other);
}

function detected(
  { registry, loginServer, token, severity, drift }: OpenFinding,
  now: Instant,
): KeyturnEvent {
  const data = { registry, loginServer, ...(token === undefined ? {} : { token }), drift };
  const id = eventId([registry, token, drift.finding, drift.since, severity, drift.differences]);
  return buildEvent({ type: 'keyturn.registry.drift-detected', severity, data }, id, now);
}

function resolved({ registry, loginServer, token, drift }: OpenFinding, now: Instant): KeyturnEvent {
  const { finding, since } = drift;
  const about = { registry, loginServer, ...(token === undefined ? {} : { token }) };
  const data = { ...about, finding, since, at: now };
  const id = eventId([registry, token, finding, since, 'resolved']);
  return buildEvent({ type: 'keyturn.registry.drift-resolved', severity: 'info', data }, id, now);
}

function eventId(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
