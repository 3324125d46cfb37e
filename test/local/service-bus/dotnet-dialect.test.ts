import { once } from 'node:events';
import rhea, { type Delivery, type EventContext } from 'rhea';
import { expect, test, vi } from 'vitest';
import { connectAsDotnet, peekLock, receiveLocked, sendAsDotnet } from './dotnet-client.ts';
import { attachReceiver, attachSender, nextMessage } from './raw-amqp-client.ts';
import { startTestBus } from './start-test-bus.ts';
import { readWireMessage } from './wire-message.ts';

/** What the Functions extension's client insists on. */

const { types } = rhea;

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
  await sendAsDotnet(connection, { message_id: 'id', body: rhea.message.data_section(Buffer.from('x')) });
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
  await sendAsDotnet(connection, { message_id: 'id', body: 'x' });
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
    await sendAsDotnet(connection, { message_id: 'id', body: 'x' });
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
  await sendAsDotnet(connection, { message_id: 'id', body: 'x' });
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
  await sendAsDotnet(
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
  await sendAsDotnet(connection, { message_id: 'after', body: 'x' });
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
  await sendAsDotnet(connection, sent);
  const receiver = await attachReceiver(connection, peekLock);
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  const { message } = await received;
  expect(message.bareBytes.equals(readWireMessage(rhea.message.encode(sent)).bareBytes)).toBe(true);
  expect(message.annotations.get('x-opt-partition-key')?.value).toBe('p');
  expect(message.annotations.get('x-opt-mine')).toEqual({ type: 'int', value: 1 });
  expect(message.annotations.get('x-opt-sequence-number')).toEqual({ type: 'long', value: 1 });
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
  await sendAsDotnet(connection, { message_id: 'id', body: rhea.message.data_section(body) });
  const receiver = await attachReceiver(connection, peekLock);
  const received = nextMessage(receiver);
  receiver.add_credit(1);
  expect(body.equals((await received).message.body?.value as Buffer)).toBe(true);
});
