import { rawMessageFormat } from '../amqp/guard-connection.ts';
import { settleDelivery } from '../amqp/outcomes.ts';
import type { AmqpContext, AmqpReceiver } from '../amqp/rhea.ts';
import { maxMessageSize } from '../broker.ts';
import type { Entrance } from '../entities/entrance.ts';
import { type MessageContent, parseMessage } from '../messages/message-content.ts';
import { readBatch } from '../messages/message-sections.ts';
import { messageSizeExceeded, notImplemented } from '../service-bus-error.ts';
import type { ClientLink } from './client-link.ts';

const batchFormat = 0x8001_3700;

/** Credit that a sending client always has, in messages. */
const creditWindow = 500;

/** Serves a client that sends to a queue or topic. */
export function openSendLink(receiver: AmqpReceiver, entrance: Entrance, link: ClientLink): void {
  receiver.on('message', ({ delivery, message, format }: AmqpContext) => {
    link.run({
      request: `send ${link.entityName}`,
      perform: () => entrance.send(readMessages(message, format)),
      answer: (error) => settleDelivery(delivery, error),
    });
  });
  receiver.set_credit_window(creditWindow);
  receiver.add_credit(creditWindow);
}

/** All messages of a transfer are read before the first is stored: a batch is sent as a whole or not at all. */
function readMessages(bytes: Buffer, format: number): MessageContent[] {
  if (bytes.length > maxMessageSize) throw messageSizeExceeded(bytes.length, maxMessageSize);
  if (format === rawMessageFormat) return [parseMessage(bytes)];
  if (format === batchFormat) return readBatch(bytes).map(parseMessage);
  throw notImplemented(`Message format ${format} is`);
}
