import { amqpTypes } from './amqp/rhea.ts';
import { encodeStoredMessage, type StoredMessage } from './entities/stored-message.ts';
import { applicationPropertyValues } from './messages/message-content.ts';
import type { Namespace } from './namespace.ts';

/** A message that the broker holds, for tests that look for something in all of them. */
export interface HeldMessage {
  /** For example `orders`, `events/Subscriptions/alerts/$DeadLetterQueue`, or a topic for what is scheduled in it. */
  readonly entity: string;
  readonly sequenceNumber: number;
  readonly state: StoredMessage['state'];
  readonly deliveryCount: number;
  readonly messageId: unknown;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  /** Encoded body sections. A body of bytes or JSON text appears in them as it is. */
  readonly body: Buffer;
  /** The whole message as a receiver would get it. */
  readonly encoded: Buffer;
}

/** All messages of all entities: active, locked, scheduled and dead-lettered. */
export function heldMessages(namespace: Namespace): HeldMessage[] {
  return [...namespace.entities()].flatMap(({ name, entrance, queue }) =>
    [...(queue?.messages() ?? []), ...(entrance?.messages() ?? [])].map((message) =>
      heldMessage(name, message),
    ),
  );
}

function heldMessage(entity: string, message: StoredMessage): HeldMessage {
  const { content, sequenceNumber, state, deliveryCount } = message;
  const properties = [...applicationPropertyValues(content)].map(([name, value]) => [
    String(name),
    amqpTypes.unwrap(value),
  ]);
  return {
    entity,
    sequenceNumber,
    state,
    deliveryCount,
    messageId: content.propertyFields[0]?.value,
    applicationProperties: Object.fromEntries(properties),
    body: content.body,
    encoded: encodeStoredMessage(message),
  };
}
