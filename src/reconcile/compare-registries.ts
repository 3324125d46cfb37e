import type { Configuration, Registry } from '../configuration/configuration.ts';
import type { Instant } from '../contracts/instants.ts';
import { minute, plus } from '../lifecycle/instant-arithmetic.ts';
import { type ComparedRegistry, compareRegistry } from '../watch/compare-registry.ts';
import { isComparisonOverdue, requestComparison, takeTurns } from '../watch/comparison-turns.ts';
import { tellUntold } from '../watch/raise-finding.ts';
import type { WatchPorts } from '../watch/watch-ports.ts';

/** What became of one registry. */
export type LookedAfter =
  | ({ readonly result: 'compared' } & ComparedRegistry)
  /** What was left to tell of it was told now. */
  | { readonly result: 'told'; readonly registry: string; readonly events: number }
  /** It could not be looked at, and is tried again within minutes. */
  | { readonly result: 'failed'; readonly registry: string; readonly error: unknown };

/** A function ends after 10 minutes; what is left then is gone on with by the next timer. */
const timeLimit = 8 * minute;

/**
 * Holds every registry against what is believed of it. One that cannot be looked at does not keep the others from it:
 * that it is wanted is written down for all of them first.
 */
export async function* compareRegistries(now: Instant, ports: WatchPorts): AsyncGenerator<LookedAfter> {
  const until = plus(ports.clock.now().toISOString(), timeLimit);
  const registries = registriesOf(ports.configuration);
  const failed = new Set<Registry>();
  for (const registry of registries)
    try {
      await requestComparison(registry.name, { scope: 'everything', now, reports: [] }, ports);
    } catch (error) {
      failed.add(registry);
      yield { result: 'failed', registry: registry.name, error };
    }
  for (const registry of registries) if (!failed.has(registry)) yield* compare(registry, until, ports);
}

/**
 * Goes on where others were stopped: comparisons that were wanted or begun and that nobody is at, and findings that were
 * not told.
 */
export async function* goOnWatching(ports: WatchPorts): AsyncGenerator<LookedAfter> {
  const until = plus(ports.clock.now().toISOString(), timeLimit);
  for (const registry of registriesOf(ports.configuration))
    try {
      const events = await tellUntold(registry.name, ports);
      if (events > 0) yield { result: 'told', registry: registry.name, events };
      if (await isComparisonOverdue(registry.name, ports)) yield* compare(registry, until, ports);
    } catch (error) {
      yield { result: 'failed', registry: registry.name, error };
    }
}

async function* compare(registry: Registry, until: Instant, ports: WatchPorts): AsyncGenerator<LookedAfter> {
  try {
    const compared = await takeTurns(registry.name, until, ports, (turn) =>
      compareRegistry(registry, turn, until, ports),
    );
    for (const each of compared) yield { result: 'compared', ...each };
  } catch (error) {
    yield { result: 'failed', registry: registry.name, error };
  }
}

function registriesOf({ registries }: Configuration): Registry[] {
  return [...registries.values()];
}
