import { amqpMessages } from './amqp/rhea.ts';
import { maxMessageSize } from './broker.ts';
import { parseEntityAddress } from './entity-address.ts';
import { parseMessage } from './messages/message-content.ts';
import type { Namespace } from './namespace.ts';
import { entityNotFound, messageSizeExceeded, ServiceBusError } from './service-bus-error.ts';

/** A message that another service of the cloud sends. */
export interface DeliveredMessage {
  readonly messageId: string;
  readonly contentType: string;
  readonly applicationProperties: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** @throws ServiceBusError when there is no such queue or topic, or the message is too large */
export function deliverMessage(namespace: Namespace, entity: string, message: DeliveredMessage): void {
  const encoded = amqpMessages.encode({
    message_id: message.messageId,
    content_type: message.contentType,
    application_properties: message.applicationProperties,
    body: amqpMessages.data_section(message.body),
  });
  if (encoded.length > maxMessageSize) throw messageSizeExceeded(encoded.length, maxMessageSize);
  const { entrance } = namespace.find(parseEntityAddress(entity), entity);
  if (!entrance) throw entityNotFound(entity);
  entrance.send([parseMessage(encoded)]);
}

/** Whether messages can be sent there. */
export function hasEntrance(namespace: Namespace, entity: string): boolean {
  try {
    return namespace.find(parseEntityAddress(entity), entity).entrance !== undefined;
  } catch (error) {
    if (error instanceof ServiceBusError) return false;
    throw error;
  }
}
