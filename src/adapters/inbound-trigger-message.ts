import { type Instant, instantSchema } from '../contracts/instants.ts';
import type { InboundMessage } from '../intake/inbound-message.ts';

type TriggerMetadata = Readonly<Record<string, unknown>> | undefined;

/**
 * A message as a Service Bus trigger with `dataType: 'binary'` hands it over. The sequence number of a partitioned queue
 * is larger than what the worker's JSON can tell exactly; it is used for order only, and what is lost of it are less than
 * a thousandth of a partition's numbers. Times come without a zone and are UTC.
 *
 * @throws Error when the host handed over something else; the message then stays in its queue
 */
export function readInboundMessage(body: unknown, metadata: TriggerMetadata): InboundMessage {
  if (!(body instanceof Uint8Array)) throw new Error('The body of the message is not bytes.');
  return {
    messageId: textOrNothing(metadata?.messageId) ?? '',
    body,
    contentType: textOrNothing(metadata?.contentType),
    subject: textOrNothing(metadata?.subject),
    correlationId: textOrNothing(metadata?.correlationId),
    properties: propertiesOf(metadata?.applicationProperties),
    sequenceNumber: numberOf(metadata?.sequenceNumber),
    enqueuedAt: instantOf(metadata?.enqueuedTimeUtc),
  };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return String(BigInt(value));
  if (typeof value === 'string' && /^\d{1,19}$/.test(value)) return value;
  throw new Error('The message has no sequence number.');
}

function instantOf(value: unknown): Instant {
  const text = value instanceof Date ? value.toISOString() : String(value);
  const utc = /(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  const instant = instantSchema.safeParse(utc).data;
  if (instant === undefined) throw new Error('The message has no time at which it was enqueued.');
  return instant;
}

function propertiesOf(value: unknown): InboundMessage['properties'] {
  if (typeof value !== 'object' || value === null) return {};
  const simple = Object.entries(value).filter((entry): entry is [string, string | number | boolean] =>
    ['string', 'number', 'boolean'].includes(typeof entry[1]),
  );
  return Object.fromEntries(simple);
}
