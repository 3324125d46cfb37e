import { type Instant, instantSchema } from '../contracts/instants.ts';
import type { OutgoingMessage } from '../ports/message-sender.ts';

/** A message as the broker handed it out: what its sender sent, and its place in the queue. */
export interface InboundMessage extends OutgoingMessage {
  /** A 64-bit integer. */
  readonly sequenceNumber: string;
  readonly enqueuedAt: Instant;
}

/** Where a message comes from: itself, or the one that it is a later copy of. */
export interface Origin {
  readonly messageId: string;
  readonly sequenceNumber: string;
  readonly enqueuedAt: Instant;
  /** How often it was put off before. */
  readonly attempt: number;
  /** As the sender set them. */
  readonly properties: InboundMessage['properties'];
}

const names = {
  messageId: 'keyturnOriginalMessageId',
  sequenceNumber: 'keyturnOriginalSequenceNumber',
  enqueuedAt: 'keyturnOriginalEnqueuedAt',
  attempt: 'keyturnAttempt',
} as const;

/** The properties by which a copy says which message it is a copy of. */
export function copyProperties(origin: Origin, attempt: number): InboundMessage['properties'] {
  return {
    ...origin.properties,
    [names.messageId]: origin.messageId,
    [names.sequenceNumber]: origin.sequenceNumber,
    [names.enqueuedAt]: origin.enqueuedAt,
    [names.attempt]: attempt,
  };
}

/**
 * Senders can write these properties as well. So they count only as far back as they say: a message that claims a
 * place in the queue after its own would win over all that come later.
 */
export function originOf({ messageId, sequenceNumber, enqueuedAt, properties }: InboundMessage): Origin {
  const own = { messageId, sequenceNumber, enqueuedAt, attempt: 0, properties: withoutNames(properties) };
  const claimed = {
    messageId: properties[names.messageId],
    sequenceNumber: properties[names.sequenceNumber],
    enqueuedAt: instantSchema.safeParse(properties[names.enqueuedAt]).data,
    attempt: properties[names.attempt],
  };
  if (!isMessageId(claimed.messageId) || claimed.enqueuedAt === undefined) return own;
  if (typeof claimed.sequenceNumber !== 'string' || !/^\d{1,19}$/.test(claimed.sequenceNumber)) return own;
  if (typeof claimed.attempt !== 'number' || !Number.isInteger(claimed.attempt) || claimed.attempt < 1)
    return own;
  const isEarlier =
    claimed.enqueuedAt <= enqueuedAt && BigInt(claimed.sequenceNumber) <= BigInt(sequenceNumber);
  if (!isEarlier) return own;
  const { sequenceNumber: number, enqueuedAt: instant, attempt } = claimed;
  return { ...own, messageId: claimed.messageId, sequenceNumber: number, enqueuedAt: instant, attempt };
}

/** No message can bear a longer one; some have none. Source: Service Bus quotas. */
function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 128;
}

/** What is sent on of a message as it came, whatever becomes of its id and properties. */
export function contentOf({
  body,
  contentType,
  subject,
  correlationId,
}: InboundMessage): Pick<OutgoingMessage, 'body' | 'contentType' | 'subject' | 'correlationId'> {
  return { body, contentType, subject, correlationId };
}

function withoutNames(properties: InboundMessage['properties']): InboundMessage['properties'] {
  const ours: ReadonlySet<string> = new Set(Object.values(names));
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !ours.has(name)));
}
