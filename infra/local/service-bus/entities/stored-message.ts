import { amqpTypes } from '../amqp/rhea.ts';
import { encodeMapEntry } from '../messages/map-entries.ts';
import { encodeMessage, type MessageContent } from '../messages/message-content.ts';
import { isTyped, typedNumber, typedTime } from '../messages/typed-values.ts';

/** A message in a queue or subscription. Times are milliseconds since 1970 by the clock of the local cloud. */
export interface StoredMessage {
  readonly sequenceNumber: number;
  /** The number it had before: while it was scheduled, or in the topic. */
  readonly enqueueSequenceNumber: number | undefined;
  /** Shared with other subscriptions, so it is replaced and never changed. */
  content: MessageContent;
  readonly enqueuedAt: number;
  readonly state: 'active' | 'scheduled';
  /** Milliseconds that it lives once it is active. */
  readonly timeToLive: number | undefined;
  readonly expiresAt: number | undefined;
  /** How often its delivery has failed. */
  deliveryCount: number;
}

const largestUint = 2 ** 32 - 1;

/** Annotations that the broker writes; a sender's own values for them are dropped. */
const brokerAnnotations: ReadonlySet<unknown> = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-enqueue-sequence-number',
]);

const name = {
  sequenceNumber: amqpTypes.wrap_symbol('x-opt-sequence-number'),
  enqueuedTime: amqpTypes.wrap_symbol('x-opt-enqueued-time'),
  lockedUntil: amqpTypes.wrap_symbol('x-opt-locked-until'),
  messageState: amqpTypes.wrap_symbol('x-opt-message-state'),
  enqueueSequenceNumber: amqpTypes.wrap_symbol('x-opt-enqueue-sequence-number'),
};

const stateAnnotation = {
  active: encodeMapEntry([name.messageState, amqpTypes.wrap_int(0)]),
  scheduled: encodeMapEntry([name.messageState, amqpTypes.wrap_int(2)]),
};

const nothing = amqpTypes.wrap(null);

/** The bytes that a receiver gets. `lockedUntil` is the machine's time, and absent when the message is not locked for it. */
export function encodeStoredMessage(message: StoredMessage, lockedUntil?: number): Buffer {
  const { content, timeToLive, enqueueSequenceNumber } = message;
  const [durable, priority] = content.header;
  const header = [
    isTyped(durable, 'True', 'False', 'Boolean') ? durable : nothing,
    isTyped(priority, 'Ubyte') ? priority : nothing,
    timeToLive === undefined ? nothing : amqpTypes.wrap_uint(Math.min(timeToLive, largestUint)),
    nothing,
    amqpTypes.wrap_uint(message.deliveryCount),
  ];
  const annotations = [
    encodeMapEntry([name.sequenceNumber, amqpTypes.wrap_long(message.sequenceNumber)]),
    encodeMapEntry([name.enqueuedTime, amqpTypes.wrap_timestamp(message.enqueuedAt)]),
    stateAnnotation[message.state],
  ];
  if (lockedUntil !== undefined)
    annotations.push(encodeMapEntry([name.lockedUntil, amqpTypes.wrap_timestamp(lockedUntil)]));
  if (enqueueSequenceNumber !== undefined)
    annotations.push(
      encodeMapEntry([name.enqueueSequenceNumber, amqpTypes.wrap_long(enqueueSequenceNumber)]),
    );
  const fromSender = content.annotations.filter(({ key }) => !brokerAnnotations.has(key));
  return encodeMessage(content, header, [...annotations, ...fromSender]);
}

/**
 * Milliseconds that a message lives: the shortest of what its sender and the entities that it passes say; `undefined` is for
 * ever.
 */
export function effectiveTimeToLive(
  content: MessageContent,
  ...entityDefaults: readonly (number | undefined)[]
): number | undefined {
  const own = typedNumber(content.header[2]);
  const shortest = [own !== undefined && own >= 0 ? own : undefined, ...entityDefaults].reduce<number>(
    (least, milliseconds) => Math.min(least, milliseconds ?? Infinity),
    Infinity,
  );
  return Number.isFinite(shortest) ? shortest : undefined;
}

/** When the sender wants the message to become active. */
export function scheduledTime(content: MessageContent): number | undefined {
  return typedTime(content.annotations.find(({ key }) => key === 'x-opt-scheduled-enqueue-time')?.value);
}

/** A key for comparing message ids, which may be text, number, uuid or bytes. */
export function messageIdKey(content: MessageContent): string {
  const value = content.propertyFields[0]?.value;
  return Buffer.isBuffer(value) ? `bytes:${value.toString('hex')}` : `${typeof value}:${String(value)}`;
}
