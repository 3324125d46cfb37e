import type { TokenCredential } from '@azure/identity';
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusSender } from '@azure/service-bus';
import { applicationProperties, type KeyturnEvent } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventSink, MessageSender, OutgoingMessage, SetAsideReason } from '../ports/message-sender.ts';
import { type Caller, callRepeatably } from './call.ts';

/** How the namespace is reached. */
export type ServiceBusConnection =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly namespace: string; readonly credential: TokenCredential };

export interface ServiceBusOptions {
  readonly connection: ServiceBusConnection;
  readonly eventsTopic: string;
  readonly rejectedQueue: string;
  readonly clock: Clock;
}

const timeLimit = 10_000;

/** Left alone, the client would pause for 30 s before it tries again. */
const retryOptions = { maxRetries: 0, timeoutInMs: 5_000 };

/** Sends to one Service Bus namespace, over one connection that opens with the first message. */
export class ServiceBusMessages implements EventSink, MessageSender {
  readonly #client: ServiceBusClient;
  readonly #senders = new Map<string, ServiceBusSender>();
  readonly #eventsTopic: string;
  readonly #rejectedQueue: string;
  readonly #caller: Caller;

  constructor({ connection, eventsTopic, rejectedQueue, clock }: ServiceBusOptions) {
    this.#client =
      connection.kind === 'identity'
        ? new ServiceBusClient(connection.namespace, connection.credential, { retryOptions })
        : new ServiceBusClient(connection.connectionString, { retryOptions });
    this.#eventsTopic = eventsTopic;
    this.#rejectedQueue = rejectedQueue;
    this.#caller = { service: 'serviceBus', clock, timeLimit };
  }

  publish(event: KeyturnEvent): Promise<void> {
    return this.#send('publish', this.#eventsTopic, {
      messageId: event.id,
      body: Buffer.from(JSON.stringify(event)),
      contentType: 'application/cloudevents+json',
      subject: event.subject,
      applicationProperties: applicationProperties(event),
    });
  }

  send(queue: string, message: OutgoingMessage): Promise<void> {
    return this.#send('send', queue, messageOf(message));
  }

  sendLater(queue: string, message: OutgoingMessage, dueAt: Instant): Promise<void> {
    const scheduled = { ...messageOf(message), scheduledEnqueueTimeUtc: new Date(dueAt) };
    return this.#send('sendLater', queue, scheduled);
  }

  setAside(message: OutgoingMessage, { reason, description }: SetAsideReason): Promise<void> {
    const properties = { ...message.properties, rejectionReason: reason, rejectionDescription: description };
    return this.#send('setAside', this.#rejectedQueue, messageOf({ ...message, properties }));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #send(operation: string, entity: string, message: ServiceBusMessage): Promise<void> {
    return callRepeatably(this.#caller, operation, {}, (abortSignal) =>
      this.#senderOf(entity).sendMessages(message, { abortSignal }),
    );
  }

  #senderOf(entity: string): ServiceBusSender {
    const sender = this.#senders.get(entity) ?? this.#client.createSender(entity);
    this.#senders.set(entity, sender);
    return sender;
  }
}

/** As bytes: a body that is anything else would be turned into JSON. */
function messageOf(message: OutgoingMessage): ServiceBusMessage {
  const { messageId, body, contentType, subject, correlationId, properties } = message;
  return {
    messageId,
    body: Buffer.from(body),
    ...(contentType === undefined ? {} : { contentType }),
    ...(subject === undefined ? {} : { subject }),
    ...(correlationId === undefined ? {} : { correlationId }),
    applicationProperties: sendable(properties),
  };
}

/** The client cannot write whole numbers beyond 64 bits, which a sender can send as a double: they become text. */
function sendable(properties: OutgoingMessage['properties']): OutgoingMessage['properties'] {
  const tooLarge = (value: unknown) => Number.isInteger(value) && !Number.isSafeInteger(value);
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, tooLarge(value) ? String(value) : value]),
  );
}
