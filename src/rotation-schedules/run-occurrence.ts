import type { Registry } from '../configuration/configuration.ts';
import type { RotationSchedule } from '../configuration/rotation-schedules-document.ts';
import type { Instant } from '../contracts/instants.ts';
import type { InventoryRow } from '../ports/inventory.ts';
import type { RotationRun, StoredRotationProgress } from '../ports/rotation-progress.ts';
import { type Posted, postRotation } from './post-rotation.ts';
import { rotationCommand } from './rotation-command.ts';
import type { RotationSchedulePorts } from './rotation-schedule-ports.ts';
import { isSelected, selectedRegistries } from './selected-tokens.ts';

/** Rows of the inventory that are read at once; after them it is written down how far the run is. */
const pageSize = 160;
/** Tokens that are worked on at the same time. */
const atATime = 16;

/** An occurrence of a schedule at work. */
export interface OccurrenceAtWork {
  readonly schedule: RotationSchedule;
  readonly stored: StoredRotationProgress;
  readonly run: RotationRun;
  readonly now: Instant;
  /** By the adapters' clock: then it stops, and goes on another time. */
  readonly until: Date;
}

/** What became of an occurrence. `takenOver`: somebody else works on it. */
export interface OccurrenceReport {
  readonly result: 'finished' | 'unfinished' | 'takenOver';
  readonly counts: Readonly<Record<Posted, number>>;
}

/**
 * Asks for a rotation of every selected token, from where the run before stopped. How far it came is written down page
 * by page: whoever goes on after a crash repeats at most one, and a repeat has no effect.
 *
 * @throws ServiceFailure; then it goes on from the page that was begun
 */
export async function runOccurrence(
  work: OccurrenceAtWork,
  ports: RotationSchedulePorts,
): Promise<OccurrenceReport> {
  const counts = { posted: 0, repeated: 0, unwoken: 0 };
  let { stored } = work;
  for await (const { registry, rows, next } of pagesOf(work, ports)) {
    for (let first = 0; first < rows.length; first += atATime) {
      if (ports.clock.now() >= work.until) return { result: 'unfinished', counts };
      const group = rows.slice(first, first + atATime);
      for (const posted of await Promise.all(group.map((row) => post(row, registry, work, ports))))
        counts[posted] += 1;
    }
    const saved = await save(stored, next, ports);
    if (!saved) return { result: 'takenOver', counts };
    stored = saved;
  }
  const { recurrence } = stored.progress;
  const done = { recurrence, doneUpTo: work.run.occurrence };
  const finished = await ports.rotationProgress.saveProgress(stored.schedule, done, stored);
  return { result: finished ? 'finished' : 'takenOver', counts };
}

interface RegistryPage {
  readonly registry: Registry;
  /** Those of the tokens that are selected. */
  readonly rows: readonly InventoryRow[];
  /** How far the run is after this page. */
  readonly next: RotationRun;
}

async function* pagesOf(
  { schedule: { select }, run }: OccurrenceAtWork,
  { configuration, inventory }: RotationSchedulePorts,
): AsyncGenerator<RegistryPage> {
  const { occurrence } = run;
  for (const registry of selectedRegistries(select, configuration.registries)) {
    if (run.registry !== undefined && registry.name < run.registry) continue;
    const after = registry.name === run.registry ? run.token : undefined;
    let continuation: string | undefined;
    do {
      const filter = { registry: registry.name, status: 'active', after } as const;
      const page = await inventory.listRows(filter, { pageSize, continuation });
      const last = page.items.at(-1)?.token;
      const rows = page.items.filter((row) => isSelected(select, row));
      if (last !== undefined)
        yield { registry, rows, next: { occurrence, registry: registry.name, token: last } };
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
}

function save(stored: StoredRotationProgress, run: RotationRun, { rotationProgress }: RotationSchedulePorts) {
  return rotationProgress.saveProgress(stored.schedule, { ...stored.progress, run }, stored);
}

function post(
  { token }: InventoryRow,
  { name, loginServer }: Registry,
  { schedule, run, now }: OccurrenceAtWork,
  ports: RotationSchedulePorts,
): Promise<Posted> {
  const identity = { registry: name, loginServer, token };
  return postRotation(rotationCommand(schedule, run.occurrence, identity, now), identity, ports);
}
