import { once } from 'node:events';
import rhea, { type Connection, type Delivery, type EventContext, type Receiver } from 'rhea';
import { expect, test, vi } from 'vitest';
import {
  attachReceiver,
  attachSender,
  connectRaw,
  nextMessage,
  type RawAmqpClient,
  sharedAccessSignature,
  tokenProperties,
} from './raw-amqp-client.ts';
import { startTestBus } from './start-test-bus.ts';
import { entriesOf, itemsOf, readWireMessage } from './wire-message.ts';

/**
 * What the Functions extension's client is known to write and to insist on. No .NET runs here: its frames are imitated, as read
 * in the sources of Azure.Messaging.ServiceBus and Microsoft.Azure.Amqp.
 */

const { types } = rhea;

/** The client's own name for anonymous authentication. */
const mechanism = {
  MSSBCBS: () => ({
    start: (done: (error: undefined, response: Buffer) => void) => done(undefined, Buffer.alloc(0)),
  }),
};

async function connectAsDotnet(port: number, entity = 'orders'): Promise<RawAmqpClient> {
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

const peekLock = { source: '/orders', rcv_settle_mode: 1, credit_window: 0 };

async function send(connection: Connection, ...messages: readonly object[]): Promise<void> {
  const sender = await attachSender(connection, { target: '/orders' });
  for (const message of messages) {
    sender.send(message as never);
    await once(sender, 'accepted');
  }
  sender.close();
}

test('signs in with MSSBCBS, and announces limits that the client accepts', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  expect(connection.idle_time_out).toBeGreaterThanOrEqual(5000);
  expect(connection.max_frame_size).toBeGreaterThanOrEqual(512);
});

test.each([
  ['/orders', 'orders'],
  ['/Team%2Forders', 'team/orders'],
  ['/events/Subscriptions/all', 'events/subscriptions/all'],
  ['/orders/$DeadLetterQueue', 'orders/$deadletterqueue'],
  ['/orders/%24DeadLetterQueue', 'orders/$deadletterqueue'],
])('finds the entity behind the address %s', async (address, expected) => {
  const { port, history } = await startTestBus({
    Queues: [{ Name: 'orders' }, { Name: 'team/orders' }],
    Topics: [{ Name: 'events', Subscriptions: [{ Name: 'all' }] }],
  });
  const { connection } = await connectAsDotnet(port);
  await attachReceiver(connection, { ...peekLock, source: address });
  const last = history.list().at(-1)?.request.toLowerCase();
  expect(last).toBe(`attach receive ${expected}`);
});

test('tells how large a message may be, as a number that is not negative', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  const sender = await attachSender(connection, { target: '/orders' });
  expect(sender.max_message_size).toBe(262_144);
});

test('delivers under a lock when only the receiver’s settle mode is set, with the types that the client casts to', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  await send(connection, { message_id: 'id', body: rhea.message.data_section(Buffer.from('x')) });
  const receiver = await attachReceiver(connection, peekLock);
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  const { message, delivery } = await received;
  const type = (name: string) => message.annotations.get(name)?.type;
  expect(type('x-opt-sequence-number')).toBe('long');
  expect(type('x-opt-enqueued-time')).toBe('timestamp');
  expect(type('x-opt-locked-until')).toBe('timestamp');
  expect(message.annotations.get('x-opt-message-state')).toEqual({ type: 'int', value: 0 });
  expect(message.header[4]).toEqual({ type: 'uint', value: 0 });
  expect(delivery.tag).toHaveLength(16);
  expect(delivery.remote_settled).toBe(false);
});

test('delivers settled when only the sender’s settle mode is set', async () => {
  const { port, bus } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  await send(connection, { message_id: 'id', body: 'x' });
  const receiver = await attachReceiver(connection, {
    source: '/orders',
    snd_settle_mode: 1,
    credit_window: 0,
  });
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  expect((await received).delivery.remote_settled).toBe(true);
  expect(bus.heldMessages()).toEqual([]);
});

/** Receives one message under a lock. */
async function receiveLocked(connection: Connection): Promise<{ receiver: Receiver; delivery: Delivery }> {
  const receiver = await attachReceiver(connection, peekLock);
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  return { receiver, delivery: (await received).delivery };
}

function outcomeOf(delivery: Delivery): string | undefined {
  const outcome = delivery.remote_state as { constructor: { composite_type?: string } };
  return outcome.constructor.composite_type;
}

const settlements: Record<string, { settle: (delivery: Delivery) => void; left: string[]; count: number }> = {
  complete: { settle: (delivery) => delivery.accept(), left: [], count: 0 },
  abandon: { settle: (delivery) => delivery.modified({}), left: ['orders'], count: 1 },
  'dead-letter': {
    settle: (delivery) => delivery.reject({ condition: 'com.microsoft:dead-letter', description: '' }),
    left: ['orders/$DeadLetterQueue'],
    count: 0,
  },
  'dead-letter, without any error': {
    settle: (delivery) => delivery.reject(),
    left: ['orders/$DeadLetterQueue'],
    count: 0,
  },
  'release, which is no failed delivery': {
    settle: (delivery) => delivery.release(),
    left: ['orders'],
    count: 0,
  },
};

test.each(Object.entries(settlements))(
  'answers to %s with an outcome',
  async (_, { settle, left, count }) => {
    const { port, bus } = await startTestBus();
    const { connection } = await connectAsDotnet(port);
    await send(connection, { message_id: 'id', body: 'x' });
    const { receiver, delivery } = await receiveLocked(connection);
    const answered = once(receiver, 'settled');
    settle(delivery);
    await answered;
    expect(outcomeOf(delivery)).toBe('accepted');
    expect(bus.heldMessages().map(({ entity }) => entity)).toEqual(left);
    expect(bus.heldMessages()[0]?.deliveryCount ?? 0).toBe(count);
  },
);

test('answers a settlement after the lock was lost with the condition that the client knows', async () => {
  const { port, bus } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  await send(connection, { message_id: 'id', body: 'x' });
  const { receiver, delivery } = await receiveLocked(connection);
  await bus.reset();
  const answered = once(receiver, 'settled');
  delivery.accept();
  await answered;
  expect(outcomeOf(delivery)).toBe('rejected');
  expect(delivery.remote_state?.error.condition).toBe('com.microsoft:message-lock-lost');
});

test.each([
  ['nothing is there', 0, 5],
  ['messages use up a part of the credit', 2, 5],
  ['messages use up all credit', 2, 2],
])('answers a drain when %s', async (_, messages, credit) => {
  const { port } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  await send(
    connection,
    ...Array.from({ length: messages }, (_, id) => ({ message_id: `${id}`, body: 'x' })),
  );
  const receiver = await attachReceiver(connection, peekLock);
  let received = 0;
  receiver.on('message', () => {
    received += 1;
  });
  const drained = once(receiver, 'receiver_drained');
  receiver.add_credit(credit);
  receiver.drain_credit();
  await drained;
  expect(received).toBe(messages);
});

test('answers a drain of the largest credit there is, and goes on', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  const receiver = await attachReceiver(connection, peekLock);
  const drained = once(receiver, 'receiver_drained');
  receiver.add_credit(2 ** 32 - 1);
  receiver.drain_credit();
  await drained;
  receiver.drain = false;
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  await send(connection, { message_id: 'after', body: 'x' });
  expect((await received).message.properties[0]?.value).toBe('after');
});

test('forwards what was sent byte by byte, so that no value changes its type', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  const uuid = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const sent = {
    message_id: types.wrap_uuid(uuid),
    correlation_id: types.wrap_ulong(7),
    application_properties: {
      int: types.wrap_int(5),
      long: types.wrap_long(6),
      double: types.wrap_double(7),
      ubyte: types.wrap_ubyte(8),
      uuid: types.wrap_uuid(uuid),
      symbol: types.wrap_symbol('s'),
      time: types.wrap_timestamp(1000),
    },
    message_annotations: {
      'x-opt-partition-key': 'p',
      'x-opt-mine': types.wrap_int(1),
      'x-opt-sequence-number': 9,
    },
    body: { list: [types.wrap_int(1), types.wrap_long(2)] },
  };
  await send(connection, sent);
  const receiver = await attachReceiver(connection, peekLock);
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  const { message } = await received;
  expect(message.bareBytes.equals(readWireMessage(rhea.message.encode(sent)).bareBytes)).toBe(true);
  expect(message.annotations.get('x-opt-partition-key')?.value).toBe('p');
  expect(message.annotations.get('x-opt-mine')).toEqual({ type: 'int', value: 1 });
  expect(message.annotations.get('x-opt-sequence-number')).toEqual({ type: 'long', value: 1 });
});

const serverTimeout = { 'com.microsoft:server-timeout': types.wrap_uint(30_000) };

function ask(client: RawAmqpClient, operation: string, body: object, node = 'orders/$management') {
  return client.request(node, {
    application_properties: { operation: `com.microsoft:${operation}`, ...serverTimeout },
    body,
  });
}

function guid(tag: Buffer): Buffer {
  const bytes = Buffer.from(tag);
  for (const [start, end] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ] as const)
    bytes.subarray(start, end).reverse();
  return bytes;
}

test('answers management requests with true arrays, and statuses as ints', async () => {
  const { port } = await startTestBus();
  const client = await connectAsDotnet(port);
  await send(client.connection, { message_id: 'id', body: 'x' });
  const { delivery } = await receiveLocked(client.connection);

  const renewed = await ask(client, 'renew-lock', {
    'lock-tokens': types.wrap_array([guid(delivery.tag as Buffer)], 0x98, undefined),
  });
  expect(renewed.applicationProperties.get('statusCode')).toEqual({ type: 'int', value: 200 });
  const expirations = entriesOf(renewed.body).get('expirations');
  expect(expirations?.type).toBe('array');
  expect(itemsOf(expirations).map(({ type }) => type)).toEqual(['timestamp']);
  expect(renewed.properties[5]?.value).toMatch(/^request-/);

  const due = types.wrap_timestamp(Date.now() + 3_600_000);
  const later = rhea.message.encode({
    message_annotations: { 'x-opt-scheduled-enqueue-time': due },
    body: 'later',
  });
  const scheduled = await ask(client, 'schedule-message', {
    messages: [{ 'message-id': 'm', message: later }],
  });
  const numbers = entriesOf(scheduled.body).get('sequence-numbers');
  expect(numbers).toEqual({ type: 'array', value: [{ type: 'long', value: 2 }] });

  const peeked = await ask(client, 'peek-message', {
    'from-sequence-number': types.wrap_long(1),
    'message-count': types.wrap_int(10),
  });
  const messages = itemsOf(entriesOf(peeked.body).get('messages')).map((item) =>
    entriesOf(item).get('message'),
  );
  expect(messages.map((message) => message?.type)).toEqual(['binary', 'binary']);

  const cancelled = await ask(client, 'cancel-scheduled-message', {
    'sequence-numbers': types.wrap_array([2], 0x81, undefined),
  });
  expect(cancelled.applicationProperties.get('statusCode')?.value).toBe(200);
});

test('uses all of the locks that a request names, or none', async () => {
  const { port, bus } = await startTestBus();
  const client = await connectAsDotnet(port);
  await send(client.connection, { message_id: 'id', body: 'x' });
  const { delivery } = await receiveLocked(client.connection);
  const held = guid(delivery.tag as Buffer);
  const complete = (...tokens: Buffer[]) =>
    ask(client, 'update-disposition', {
      'disposition-status': 'completed',
      'lock-tokens': types.wrap_array(tokens, 0x98, undefined),
    });
  const refused = await complete(held, Buffer.alloc(16, 1));
  expect(refused.applicationProperties.get('statusCode')?.value).toBe(410);
  expect(bus.heldMessages()).toHaveLength(1);
  const done = await complete(held);
  expect(done.applicationProperties.get('statusCode')?.value).toBe(200);
  expect(bus.heldMessages()).toEqual([]);
});

test('says nothing is there with 204', async () => {
  const { port } = await startTestBus();
  const client = await connectAsDotnet(port);
  const peeked = await ask(client, 'peek-message', {
    'from-sequence-number': types.wrap_long(1),
    'message-count': types.wrap_int(1),
  });
  expect(peeked.applicationProperties.get('statusCode')).toEqual({ type: 'int', value: 204 });
});

test('gives the condition of a management error as a symbol', async () => {
  const { port } = await startTestBus();
  const client = await connectAsDotnet(port);
  const reply = await ask(client, 'renew-lock', {
    'lock-tokens': types.wrap_array([Buffer.alloc(16, 1)], 0x98, undefined),
  });
  expect(reply.applicationProperties.get('statusCode')).toEqual({ type: 'int', value: 410 });
  expect(reply.applicationProperties.get('errorCondition')).toEqual({
    type: 'symbol',
    value: 'com.microsoft:message-lock-lost',
  });
});

test.each([
  'renew-session-lock',
  'get-session-state',
  'receive-by-sequence-number',
  'add-rule',
  'unheard-of',
  '',
])('refuses the operation "%s" as not implemented', async (operation) => {
  const { port } = await startTestBus();
  const reply = await ask(await connectAsDotnet(port), operation, {});
  expect(reply.applicationProperties.get('statusCode')).toEqual({ type: 'int', value: 501 });
  expect(reply.applicationProperties.get('errorCondition')?.value).toBe('amqp:not-implemented');
});

test('refuses to coordinate transactions, at once and clearly', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  const warn = vi.spyOn(console, 'warn');
  const coordinator = types.described(types.wrap_ulong(0x30), types.wrap_list([]));
  const sender = connection.open_sender({});
  Object.assign(sender as unknown as { local: { attach: { target: unknown } } }, {}).local.attach.target =
    coordinator;
  const [context] = (await once(sender, 'sender_error')) as [EventContext];
  expect(context.sender?.error).toMatchObject({ condition: 'amqp:not-implemented' });
  expect(warn).not.toHaveBeenCalled();
});

test('splits a message into frames that the client accepts', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectAsDotnet(port);
  const body = Buffer.alloc(200_000, 7);
  await send(connection, { message_id: 'id', body: rhea.message.data_section(body) });
  const receiver = await attachReceiver(connection, peekLock);
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  expect(body.equals((await received).message.body?.value as Buffer)).toBe(true);
});
