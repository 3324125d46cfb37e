import { createHash } from 'node:crypto';
import type { Instant } from '../contracts/instants.ts';
import { latest, minute, plus, second } from '../lifecycle/instant-arithmetic.ts';
import { spread } from '../lifecycle/spread.ts';
import type { Clock } from '../ports/clock.ts';
import type { MessageSender } from '../ports/message-sender.ts';
import { copyProperties, type InboundMessage, type Origin, originOf } from './inbound-message.ts';

const shortest = 30 * second;
const longest = 15 * minute;

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
  const { body, contentType } = message;
  const properties = copyProperties(origin, attempt);
  await messages.sendLater(queue, { messageId, body, contentType, properties }, dueAt);
  return dueAt;
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
