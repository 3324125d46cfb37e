import { expect } from 'vitest';
import type { Effect } from '../../../sample-app/journal.ts';
import type { InstanceStatus } from './durable-api.ts';

/** An orchestration of the sample app, and all that must come of it, however often its host dies. */
export interface Job {
  readonly name: string;
  readonly instanceId: string;
  readonly input: unknown;
  readonly output: unknown;
  /** Each as `instance effect`; a later one of the same list never happens before an earlier one has. */
  readonly effects: readonly (readonly string[])[];
}

/** So many chains, fan-outs and sub-orchestrations, in turn. */
export function jobs(count: number): Job[] {
  const kinds = [chain, fanOut, site];
  return Array.from({ length: count }, (_, index) => (kinds[index % kinds.length] ?? chain)(index));
}

function chain(index: number): Job {
  const id = `order-${index}`;
  return {
    name: 'processOrder',
    instanceId: id,
    input: { amount: index },
    output: { parcel: `parcel with receipt for reservation of ${index}` },
    effects: [[`${id} reserveStock`, `${id} chargeCard`, `${id} shipOrder`]],
  };
}

function fanOut(index: number): Job {
  const id = `book-${index}`;
  const counts = Array.from({ length: 5 }, (_, page) => (index + page) % 4);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return {
    name: 'countWords',
    instanceId: id,
    input: { pages: counts.map((words) => 'word '.repeat(words)) },
    output: { counts, total },
    effects: counts.map((_, page) => [`${id} page ${page}`, `${id} total ${total}`]),
  };
}

function site(index: number): Job {
  const id = `site-${index}`;
  const devices = ['lamp', 'lock'];
  return {
    name: 'setUpSite',
    instanceId: id,
    input: { devices },
    output: { addresses: devices.map((device) => `${device}.site.example`) },
    effects: devices.map((device) => [`${id}:${device} registerDevice`, `${id}:${device} configureDevice`]),
  };
}

/** How many of the effects that the jobs must have are still missing. */
export function missingEffects(all: readonly Job[], journal: readonly Effect[]): string[] {
  const had = new Set(journal.map(nameOf));
  return [...new Set(all.flatMap(({ effects }) => effects.flat()))].filter((effect) => !had.has(effect));
}

/** Every job ended with its result; no effect is missing, out of order or of nobody's asking; some may have happened twice. */
export function expectDone(
  all: readonly Job[],
  ends: readonly InstanceStatus[],
  journal: readonly Effect[],
): void {
  const seen = ends.map(({ instanceId, runtimeStatus, output }) => ({ instanceId, runtimeStatus, output }));
  expect(seen).toEqual(
    all.map(({ instanceId, output }) => ({ instanceId, runtimeStatus: 'Completed', output })),
  );
  expect(missingEffects(all, journal)).toEqual([]);
  const first = new Map<string, number>();
  for (const [position, effect] of journal.entries())
    if (!first.has(nameOf(effect))) first.set(nameOf(effect), position);
  expect(new Set(first.keys())).toEqual(new Set(all.flatMap(({ effects }) => effects.flat())));
  for (const sequence of all.flatMap(({ effects }) => effects)) {
    const positions = sequence.map((effect) => first.get(effect) ?? -1);
    expect(positions, sequence.join(', ')).toEqual(positions.toSorted((one, other) => one - other));
  }
}

function nameOf({ instanceId, effect }: Effect): string {
  return `${instanceId} ${effect}`;
}
