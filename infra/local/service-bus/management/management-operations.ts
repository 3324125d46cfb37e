import { amqpTypes } from '../amqp/rhea.ts';
import { maxMessageSize } from '../broker.ts';
import { deadLetterProperties } from '../entities/dead-letter-properties.ts';
import type { Entrance } from '../entities/entrance.ts';
import type { MessageQueue } from '../entities/message-queue.ts';
import { encodeStoredMessage } from '../entities/stored-message.ts';
import { parseMessage } from '../messages/message-content.ts';
import { type Entity, peekEntity } from '../namespace.ts';
import { argumentError, messageLockLost, messageSizeExceeded, notAllowed } from '../service-bus-error.ts';
import type { RequestFields } from './request-fields.ts';

export interface ManagementAnswer {
  readonly status: 200 | 204;
  /** A map, values that need a certain AMQP type wrapped; or nothing. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

export interface ManagementOperation {
  /** The right that it takes. */
  readonly right: 'send' | 'receive';
  readonly perform: (entity: Entity, fields: RequestFields) => ManagementAnswer;
}

/** .NET insists on arrays with these element types where JS would take lists. */
const typecode = { long: 0x81, timestamp: 0x83 };

const done: ManagementAnswer = { status: 200, body: null };

/** Bytes of messages after which an answer to a peek is full. */
const peekLimit = 4 * maxMessageSize;

/** What can be asked on `$management`, without the prefix `com.microsoft:`. All else is refused as not implemented. */
export const managementOperations: Readonly<Record<string, ManagementOperation>> = {
  'renew-lock': { right: 'receive', perform: (entity, fields) => renewLock(queueOf(entity), fields) },
  'peek-message': { right: 'receive', perform: peekMessage },
  'update-disposition': {
    right: 'receive',
    perform: (entity, fields) => updateDisposition(queueOf(entity), fields),
  },
  'schedule-message': {
    right: 'send',
    perform: (entity, fields) => scheduleMessage(entranceOf(entity), fields),
  },
  'cancel-scheduled-message': {
    right: 'send',
    perform: (entity, fields) => {
      entranceOf(entity).cancelScheduled(fields.longs('sequence-numbers'));
      return done;
    },
  },
};

function renewLock(queue: MessageQueue, fields: RequestFields): ManagementAnswer {
  const tokens = heldTokens(queue, fields);
  const expirations = tokens.map((token) => queue.renewLock(token));
  return { status: 200, body: { expirations: amqpTypes.wrap_array(expirations, typecode.timestamp) } };
}

function peekMessage(entity: Entity, fields: RequestFields): ManagementAnswer {
  queueOf(entity);
  const [from, count] = [fields.long('from-sequence-number'), fields.long('message-count')];
  if (count < 1) throw argumentError('The field message-count must be positive.');
  const messages: { message: Buffer }[] = [];
  let size = 0;
  for (const stored of peekEntity(entity, from, count)) {
    const message = encodeStoredMessage(stored);
    size += message.length;
    if (size > peekLimit && messages.length > 0) break;
    messages.push({ message });
  }
  return messages.length === 0 ? { status: 204, body: null } : { status: 200, body: { messages } };
}

function updateDisposition(queue: MessageQueue, fields: RequestFields): ManagementAnswer {
  const changes = fields.entries('properties-to-modify');
  const reason = fields.text('deadletter-reason');
  const description = fields.text('deadletter-description');
  const status = fields.text('disposition-status');
  const tokens = heldTokens(queue, fields);
  for (const token of tokens) {
    if (status === 'completed') queue.complete(token);
    else if (status === 'abandoned') queue.abandon(token, changes);
    else if (status === 'suspended')
      queue.deadLetter(token, [...changes, ...deadLetterProperties(reason, description)]);
    else throw argumentError(`The disposition '${status}' is not supported.`);
  }
  return done;
}

function scheduleMessage(entrance: Entrance, fields: RequestFields): ManagementAnswer {
  const messages = fields.messages('messages');
  const tooLarge = messages.find((message) => message.length > maxMessageSize);
  if (tooLarge) throw messageSizeExceeded(tooLarge.length, maxMessageSize);
  const numbers = entrance.send(messages.map(parseMessage));
  return { status: 200, body: { 'sequence-numbers': amqpTypes.wrap_array(numbers, typecode.long) } };
}

/** All locks are looked at before the first is used: a request succeeds or fails as a whole. */
function heldTokens(queue: MessageQueue, fields: RequestFields): string[] {
  const tokens = fields.uuids('lock-tokens');
  if (!tokens.every((token) => queue.holdsLock(token))) throw messageLockLost();
  return tokens;
}

function queueOf({ name, queue }: Entity): MessageQueue {
  if (!queue) throw notAllowed(`'${name}' is a topic: messages are received from its subscriptions.`);
  return queue;
}

function entranceOf({ name, entrance }: Entity): Entrance {
  if (!entrance) throw notAllowed(`Messages cannot be sent to '${name}'.`);
  return entrance;
}
