import { randomUUID } from 'node:crypto';
import type { DeliveredMessage } from '../service-bus/deliver-message.ts';
import type { EventGridSettings } from './event-grid-settings.ts';
import type { ResourceEvent } from './resource-event.ts';

/** Events that go out in one message. */
export interface EventMessage {
  readonly schema: EventGridSettings['schema'];
  readonly body: EventGridSettings['body'];
  readonly events: readonly ResourceEvent[];
}

/**
 * The Service Bus message that Event Grid sends: its id is the event's (Azure's documentation, "Service Bus queues and topics
 * as event handlers"), so that duplicate detection can drop repeats.
 */
export function eventMessage(
  { schema, body, events }: EventMessage,
  subscriptionName: string,
  /** How often it was tried before. */
  deliveryCount: number,
): DeliveredMessage {
  const written = events.map(schema === 'event-grid' ? eventGridEvent : cloudEvent);
  const [first] = events;
  return {
    messageId: body === 'object' && first ? first.id : randomUUID(),
    contentType: schema === 'event-grid' ? 'application/json' : 'application/cloudevents+json',
    applicationProperties: {
      'aeg-subscription-name': subscriptionName,
      'aeg-delivery-count': String(deliveryCount),
      'aeg-event-type': 'Notification',
      'aeg-output-event-id': randomUUID(),
      ...(schema === 'event-grid'
        ? { 'aeg-metadata-version': '1', 'aeg-data-version': '2' }
        : { 'aeg-metadata-version': '1.0' }),
    },
    body: Buffer.from(JSON.stringify(body === 'object' ? written[0] : written)),
  };
}

function eventGridEvent({ id, type, time, topic, subject, data }: ResourceEvent): unknown {
  return {
    topic,
    subject,
    eventType: type,
    eventTime: time,
    id,
    data,
    dataVersion: '2',
    metadataVersion: '1',
  };
}

function cloudEvent({ id, type, time, topic, subject, data }: ResourceEvent): unknown {
  return { id, source: topic, specversion: '1.0', type, subject, time, data };
}
