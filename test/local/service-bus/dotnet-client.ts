import { once } from 'node:events';
import rhea, { type Connection, type Delivery, type Receiver } from 'rhea';
import { expect } from 'vitest';
import {
  attachReceiver,
  attachSender,
  connectRaw,
  nextMessage,
  type RawAmqpClient,
  sharedAccessSignature,
  tokenProperties,
} from './raw-amqp-client.ts';

/**
 * What the Functions extension's client is known to write. No .NET runs here: its frames are imitated, as read in the sources
 * of Azure.Messaging.ServiceBus and Microsoft.Azure.Amqp.
 */

const { types } = rhea;

/** The client's own name for anonymous authentication. */
const mechanism = {
  MSSBCBS: () => ({
    start: (done: (error: undefined, response: Buffer) => void) => done(undefined, Buffer.alloc(0)),
  }),
};

export async function connectAsDotnet(port: number, entity = 'orders'): Promise<RawAmqpClient> {
  const client = await connectRaw(port, {
    username: undefined,
    sasl_mechanisms: mechanism,
    max_frame_size: 65_536,
    idle_time_out: 60_000,
  });
  const audience = `amqps://localhost/${entity}`;
  const expiration = types.wrap_timestamp(Date.now() + 3_600_000);
  const reply = await client.request('$cbs', {
    body: sharedAccessSignature(audience),
    application_properties: { ...tokenProperties(audience), expiration },
  });
  expect(reply.applicationProperties.get('status-code')).toEqual({ type: 'int', value: 202 });
  return client;
}

/** The client sets only the receiver's settle mode, and writes URI paths. */
export const peekLock = { source: '/orders', rcv_settle_mode: 1, credit_window: 0 };

export async function sendAsDotnet(connection: Connection, ...messages: readonly object[]): Promise<void> {
  const sender = await attachSender(connection, { target: '/orders' });
  for (const message of messages) {
    sender.send(message as never);
    await once(sender, 'accepted');
  }
  sender.close();
}

/** Receives one message under a lock. */
export async function receiveLocked(
  connection: Connection,
): Promise<{ receiver: Receiver; delivery: Delivery }> {
  const receiver = await attachReceiver(connection, peekLock);
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  return { receiver, delivery: (await received).delivery };
}
