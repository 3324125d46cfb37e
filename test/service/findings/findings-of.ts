import type { Drift } from '../../../src/contracts/event-data.ts';
import type { KeyturnEvent } from '../../../src/contracts/events.ts';

/** What an event says is wrong; undefined if it says nothing of the kind. */
export function driftOf({ data }: KeyturnEvent): Drift | undefined {
  return 'drift' in data ? data.drift : undefined;
}

/** The findings that were told of a token, in their order. */
export function driftsOf(events: readonly KeyturnEvent[], token: string): Drift[] {
  return events.flatMap((event) => (event.data.token === token ? (driftOf(event) ?? []) : []));
}
