import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { attachReceiver, attachSender, connectRaw, nextMessage } from './raw-amqp-client.ts';
import { receiveAll, receiveOne, startTestBus, type TestBus, until } from './start-test-bus.ts';

async function fill({ createClient }: TestBus, count: number): Promise<void> {
  const sender = createClient().createSender('orders');
  for (let sent = 0; sent < count; sent += 500)
    await sender.sendMessages(
      Array.from({ length: Math.min(500, count - sent) }, (_, index) => ({ body: sent + index })),
    );
}

const peekLock = { source: 'orders', rcv_settle_mode: 1, credit_window: 0 };

test('brings 3,000 messages through one receiver, each completed, in order', async () => {
  const started = await startTestBus();
  await fill(started, 3000);
  const receiver = started.createClient().createReceiver('orders');
  const bodies: unknown[] = [];
  while (bodies.length < 3000) {
    const messages = await receiver.receiveMessages(300);
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    bodies.push(...messages.map(({ body }) => body));
  }
  expect(bodies).toEqual(Array.from({ length: 3000 }, (_, index) => index));
  expect(started.bus.heldMessages()).toEqual([]);
  const attaches = started.history.list().filter(({ request }) => request === 'attach receive orders');
  expect(attaches).toHaveLength(1);
});

test('brings more messages to one subscriber than the broker’s own buffer of deliveries holds', async () => {
  const started = await startTestBus();
  await fill(started, 9000);
  let handled = 0;
  const receiver = started.createClient().createReceiver('orders');
  receiver.subscribe(
    {
      processMessage: async () => {
        handled += 1;
      },
      processError: async () => {},
    },
    { maxConcurrentCalls: 100 },
  );
  await until(() => handled === 9000 && started.bus.heldMessages().length === 0, 'all are completed');
  await receiver.close();
});

test('goes on past a message that its receiver never settles', async () => {
  const started = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { LockDuration: 'PT0.1S', MaxDeliveryCount: 1 } }],
  });
  await fill(started, 1);
  const { connection, putToken } = await connectRaw(started.port, { session_buffer_size: 20_000 });
  await putToken('sb://localhost/orders');
  const receiver = await attachReceiver(connection, peekLock);
  const isDeadLettered = () => started.bus.heldMessages()[0]?.entity === 'orders/$DeadLetterQueue';
  receiver.add_credit(10_000);
  await until(isDeadLettered, 'the lock of the first expires');
  let received = 0;
  receiver.on('message', ({ delivery }) => {
    received += 1;
    delivery?.accept();
  });
  await fill(started, 9000);
  await until(() => received === 9000, 'all others are delivered');
});

test('delivers more than a session’s buffer of messages before any is settled, then settles all', async () => {
  const started = await startTestBus();
  await fill(started, 2500);
  const { connection, putToken } = await connectRaw(started.port, { session_buffer_size: 5000 });
  await putToken('sb://localhost/orders');
  const receiver = await attachReceiver(connection, peekLock);
  const deliveries: { accept(): void }[] = [];
  receiver.on('message', ({ delivery }) => {
    if (delivery) deliveries.push(delivery);
  });
  receiver.add_credit(2500);
  await until(() => deliveries.length === 2500, 'all are delivered');
  for (const delivery of deliveries) delivery.accept();
  await until(() => started.bus.heldMessages().length === 0, 'all are completed');
});

test('waits for a client whose window is full, and goes on when it opens', async () => {
  const started = await startTestBus();
  await fill(started, 300);
  const { connection, putToken } = await connectRaw(started.port, { session_buffer_size: 100 });
  await putToken('sb://localhost/orders');
  const receiver = await attachReceiver(connection, peekLock);
  let received = 0;
  receiver.on('message', ({ delivery }) => {
    received += 1;
    delivery?.accept();
  });
  receiver.add_credit(300);
  await until(() => received === 300, 'all are delivered');
  await until(() => started.bus.heldMessages().length === 0, 'all are completed');
});

test('locks no more for a client than its window lets through', async () => {
  const started = await startTestBus();
  await fill(started, 300);
  const { connection, putToken } = await connectRaw(started.port, { session_buffer_size: 100 });
  await putToken('sb://localhost/orders');
  const receiver = await attachReceiver(connection, peekLock);
  let received = 0;
  receiver.on('message', () => {
    received += 1;
  });
  receiver.add_credit(300);
  await until(() => received >= 99, 'the window is full');
  const others = await receiveAll(started.createClient().createReceiver('orders'), 300);
  expect(received + others.length).toBe(300);
});

test('keeps a quiet connection alive past the idle time-out that the client announced', async () => {
  const started = await startTestBus();
  const { connection, putToken } = await connectRaw(started.port, { idle_time_out: 500 });
  await putToken('sb://localhost/orders');
  const receiver = await attachReceiver(connection, peekLock);
  receiver.add_credit(1);
  let isLost = false;
  connection.on('disconnected', () => {
    isLost = true;
  });
  const opened = Date.now();
  let signs = 0;
  socketOf(connection).on('data', () => {
    signs += 1;
  });
  // The client gives up after twice the time that it announced.
  await until(() => signs >= 8 && Date.now() > opened + 1500, 'signs of life');
  expect(isLost).toBe(false);
  const received = nextMessage(receiver);
  await fill(started, 1);
  await received;
});

test('says when it takes a silent client for dead', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectRaw(port);
  expect(connection.idle_time_out).toBe(120_000);
});

test('keeps a message locked whose receiver lost its connection, and gives it out when the lock expires', async () => {
  const started = await startTestBus({ Queues: [{ Name: 'orders', Properties: { LockDuration: 'PT2S' } }] });
  await fill(started, 1);
  const { connection, putToken } = await connectRaw(started.port);
  await putToken('sb://localhost/orders');
  const receiver = await attachReceiver(connection, peekLock);
  const received = nextMessage(receiver);
  receiver.add_credit(10);
  await received;
  socketOf(connection).destroy();
  const next = started.createClient().createReceiver('orders');
  expect(await receiveAll(next, 1)).toEqual([]);
  expect((await receiveOne(next)).deliveryCount).toBe(1);
});

test.each(['the client ended', 'the broker destroyed'])(
  'gives nothing to the ghost of a connection that %s',
  async (how) => {
    const started = await startTestBus();
    const { connection, putToken } = await connectRaw(started.port);
    await putToken('sb://localhost/orders');
    const receiver = await attachReceiver(connection, peekLock);
    const received = nextMessage(receiver);
    receiver.add_credit(100);
    await fill(started, 1);
    await received;
    const closed = once(socketOf(connection), 'close');
    if (how === 'the client ended') socketOf(connection).end();
    else {
      started.faults.setReachable('service-bus', false);
      started.faults.setReachable('service-bus', true);
    }
    await closed;
    await fill(started, 5);
    expect(await receiveAll(started.createClient().createReceiver('orders'))).toHaveLength(5);
  },
);

test('gives nothing to a link that was detached, or whose session has ended', async () => {
  const started = await startTestBus();
  const { connection, putToken } = await connectRaw(started.port);
  await putToken('sb://localhost/orders');
  const detached = await attachReceiver(connection, peekLock);
  detached.add_credit(10);
  detached.close();
  await once(detached, 'receiver_close');
  const ended = await attachReceiver(connection, peekLock);
  ended.add_credit(10);
  ended.session.close();
  await once(ended.session, 'session_close');
  await fill(started, 3);
  expect(await receiveAll(started.createClient().createReceiver('orders'))).toHaveLength(3);
});

test('has the effect of a settlement whose answer the client did not wait for', async () => {
  const started = await startTestBus();
  await fill(started, 100);
  const { connection, putToken } = await connectRaw(started.port);
  await putToken('sb://localhost/orders');
  const receiver = await attachReceiver(connection, peekLock);
  const deliveries: { accept(): void }[] = [];
  receiver.on('message', ({ delivery }) => {
    if (delivery) deliveries.push(delivery);
  });
  receiver.add_credit(100);
  await until(() => deliveries.length === 100, 'all are delivered');
  for (const delivery of deliveries) delivery.accept();
  await new Promise((resolve) => setImmediate(resolve));
  socketOf(connection).end();
  await until(() => started.bus.heldMessages().length === 0, 'all are completed');
});

test('lets several links share a session, and one without credit hold up none', async () => {
  const started = await startTestBus({ Queues: [{ Name: 'orders' }, { Name: 'other' }] });
  const { connection, putToken } = await connectRaw(started.port);
  await putToken('sb://localhost/');
  const idle = await attachReceiver(connection, peekLock);
  const busy = await attachReceiver(connection, { ...peekLock, source: 'other' });
  await fill(started, 5);
  const sender = await attachSender(connection, { target: 'other' });
  const received = nextMessage(busy);
  busy.add_credit(1);
  sender.send({ message_id: 'm', body: 'x' });
  expect((await received).message.properties[0]?.value).toBe('m');
  const first = nextMessage(idle);
  idle.add_credit(1);
  await first;
});

test('serves clients that do not use SASL', async () => {
  const { port } = await startTestBus();
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(Buffer.from('AMQP\x00\x01\x00\x00', 'latin1'));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.subarray(0, 8)).toEqual(Buffer.from('AMQP\x00\x01\x00\x00', 'latin1'));
  socket.destroy();
});

function socketOf(connection: object): Socket {
  return (connection as { socket: Socket }).socket;
}
