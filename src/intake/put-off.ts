import { createHash } from 'node:crypto';
import type { Instant } from '../contracts/instants.ts';
import { day, latest, millisecondsBetween, minute, plus, second } from '../lifecycle/instant-arithmetic.ts';
import { spread } from '../lifecycle/spread.ts';
import type { Clock } from '../ports/clock.ts';
import type { MessageSender } from '../ports/message-sender.ts';
import { contentOf, copyProperties, type InboundMessage, type Origin, originOf } from './inbound-message.ts';

const shortest = 30 * second;
const longest = 15 * minute;
/** Some 700 copies. Shorter than messages live in a queue. */
const longestAltogether = 7 * day;

/**
 * Sends a copy of a message to the queue that it came by, to be handed out later: so an outage holds no slot of the
 * host, and uses up no delivery of the message.
 *
 * @throws ServiceFailure if the queue cannot be reached either
 */
export async function putOff(
  message: InboundMessage,
  queue: string,
  { messages, clock }: { readonly messages: MessageSender; readonly clock: Clock },
): Promise<Instant> {
  const origin = originOf(message);
  const attempt = origin.attempt + 1;
  const messageId = copyId(origin, queue, attempt);
  const dueAt = plus(latest(clock.now().toISOString(), message.enqueuedAt), delay(attempt, messageId));
  const properties = copyProperties(origin, attempt);
  await messages.sendLater(queue, { ...contentOf(message), messageId, properties }, dueAt);
  return dueAt;
}

/**
 * Whether a message is put off once more. After a week without success, counted from its first copy, it is given back
 * to the broker, which dead-letters it after its deliveries: there it stays, as it came, until a person looks at it.
 */
export function mayBePutOff(message: InboundMessage, now: Instant): boolean {
  return millisecondsBetween(originOf(message).enqueuedAt, now) < longestAltogether;
}

/** In milliseconds: 30 s, doubling to 15 minutes; up to a quarter of that sooner, by the message, but never under 30 s. */
export function delay(attempt: number, messageId: string): number {
  const full = Math.min(shortest * 2 ** Math.min(attempt - 1, 30), longest);
  return Math.max(shortest, Math.round(full * (1 - spread(messageId) / 4)));
}

function copyId({ messageId, sequenceNumber }: Origin, queue: string, attempt: number): string {
  return createHash('sha256')
    .update(JSON.stringify([queue, messageId, sequenceNumber, attempt]))
    .digest('hex');
}
