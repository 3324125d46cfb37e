import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { EventSink } from '../ports/message-sender.ts';
import { isFailure, type ServiceFailure } from '../ports/service-failure.ts';
import type { OutboxEvent, TokenRecords } from '../ports/token-records.ts';

/** What could not be sent: the rest of the outbox, which stays where it is. */
export interface Unsent {
  /** When the first of its events happened. */
  readonly since: Instant;
  readonly why: ServiceFailure;
}

/** Sends all that is still to be told of a token, as `sendEvents`. @throws ServiceFailure */
export async function sendOutbox(
  token: TokenIdentity,
  ports: { readonly records: TokenRecords; readonly events: EventSink },
): Promise<Unsent | undefined> {
  return sendEvents(token, await ports.records.readOutbox(token), ports);
}

/**
 * Sends events of a token's outbox, in their order, and forgets what was sent. What is sent twice, since this
 * was stopped in between, bears the same id. At the first event that the topic does not take it stops, so that none
 * overtakes another.
 *
 * @throws ServiceFailure if the outbox cannot be changed
 */
export async function sendEvents(
  token: TokenIdentity,
  outbox: readonly OutboxEvent[],
  { records, events }: { readonly records: TokenRecords; readonly events: EventSink },
): Promise<Unsent | undefined> {
  for (const { key, event } of outbox) {
    try {
      await events.publish(event);
    } catch (why) {
      if (!isFailure(why)) throw why;
      return { since: event.time, why };
    }
    await records.removeFromOutbox(token, [key]);
  }
  return undefined;
}
