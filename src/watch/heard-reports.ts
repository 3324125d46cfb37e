import { z } from 'zod';
import type { Registry } from '../configuration/configuration.ts';
import { type Instant, instantSchema } from '../contracts/instants.ts';
import { millisecondsBetween, minute } from '../lifecycle/instant-arithmetic.ts';
import type { Look } from './check-registry.ts';
import { raiseFinding, resolveFinding } from './raise-finding.ts';
import type { WatchPorts } from './watch-ports.ts';

const heardSchema = z.object({ lastAt: instantSchema });

type HeardPorts = Pick<WatchPorts, 'notes' | 'registryFindings' | 'events'>;

/** So long a write of Keyturn's own is waited to be reported. Milliseconds. */
export const reportGrace = 30 * minute;
/** The last report is written down this seldom, and may be told to have happened a little earlier than it did. */
const noteEvery = minute;
const tolerance = 5 * minute;

/**
 * Notes that a report on a registry has come, of something that happened at `lastAt`. At most once a minute: it is
 * enough to know that they come. Whoever complains that none do is told at once.
 *
 * @throws ServiceFailure
 */
export async function noteReports(
  { name }: Pick<Registry, 'name'>,
  lastAt: Instant,
  now: Instant,
  ports: HeardPorts,
): Promise<void> {
  const note = await ports.notes.readNote(name, 'reports');
  const earlier = heardSchema.safeParse(note?.value).data;
  if (earlier && millisecondsBetween(earlier.lastAt, lastAt) < noteEvery) return;
  await ports.notes.writeNote(name, 'reports', { lastAt }, note);
  await resolveFinding({ registry: name, finding: 'eventsMissing' }, now, ports);
}

/** When that happened of which the last report was, as far as it was noted; undefined: none has come. @throws ServiceFailure */
export async function lastReported(
  registry: string,
  { notes }: Pick<WatchPorts, 'notes'>,
): Promise<Instant | undefined> {
  return heardSchema.safeParse((await notes.readNote(registry, 'reports'))?.value).data?.lastAt;
}

/**
 * Whether Azure's reports arrive: of Keyturn's newest write that is old enough there must have been one, or one of
 * something later. Without any such write nothing can be said.
 *
 * @throws ServiceFailure
 */
export async function checkReports(
  registry: Registry,
  newestWrite: Instant | undefined,
  { now, noticedBy }: Look,
  ports: HeardPorts,
): Promise<void> {
  const lastAt = await lastReported(registry.name, ports);
  const finding = 'eventsMissing';
  if (newestWrite === undefined) return;
  if (lastAt !== undefined && millisecondsBetween(lastAt, newestWrite) <= tolerance) {
    await resolveFinding({ registry: registry.name, finding }, now, ports);
    return;
  }
  const told = lastAt === undefined ? 'None has come so far.' : `The last one was of ${lastAt}.`;
  const evidence = [`Keyturn made a password at ${newestWrite}, and Azure has not reported it. ${told}`];
  const differences = [{ what: 'reports', believed: 'arriving', found: 'missing' }];
  const attribution = { cause: 'unknown' as const, evidence };
  await raiseFinding(
    registry,
    { finding, severity: 'warning', differences, attribution, noticedBy },
    now,
    ports,
  );
}
