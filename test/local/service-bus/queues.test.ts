import type { ServiceBusMessage } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { attachReceiver, connectRaw, nextMessage } from './raw-amqp-client.ts';
import { receiveAll, receiveOne, startTestBus } from './start-test-bus.ts';

const bodies: Record<string, unknown> = {
  text: 'Guten Tag',
  number: 42,
  object: { nested: [1, 'two', null] },
  bytes: Buffer.from([0, 1, 255]),
  nothing: null,
};

test.each(Object.entries(bodies))('brings a body of %s as it was sent', async (_, body) => {
  const { createClient } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages({ body });
  expect((await receiveOne(client.createReceiver('orders'))).body).toEqual(body);
});

test('brings every property that a sender sets', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  const message: ServiceBusMessage = {
    body: 'x',
    messageId: 'message-1',
    correlationId: 'correlation-1',
    contentType: 'text/plain',
    subject: 'subject',
    to: 'to',
    replyTo: 'reply',
    replyToSessionId: 'reply-session',
    sessionId: 'session',
    partitionKey: 'session',
    timeToLive: 60_000,
    applicationProperties: { text: 'a', number: 1, fraction: 0.5, yes: true },
  };
  await client.createSender('orders').sendMessages(message);
  expect(await receiveOne(client.createReceiver('orders'))).toMatchObject(message);
});

test('gives a message without id one, so that it can be settled', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }]);
  const receiver = client.createReceiver('orders');
  const messages = await receiver.receiveMessages(2);
  expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(2);
  for (const message of messages) {
    expect(message.messageId).toMatch(/^[0-9a-f]{8}-/);
    await receiver.completeMessage(message);
  }
});

test('brings messages in the order in which they came, numbered and timed', async () => {
  const { createClient, clock } = await startTestBus();
  const client = createClient();
  const sender = client.createSender('orders');
  const before = clock.now();
  for (const body of [1, 2, 3]) await sender.sendMessages({ body });
  const messages = await client.createReceiver('orders').receiveMessages(3);
  expect(messages.map(({ body }) => body)).toEqual([1, 2, 3]);
  expect(messages.map(({ sequenceNumber }) => Number(sequenceNumber))).toEqual([1, 2, 3]);
  for (const { enqueuedTimeUtc, state } of messages) {
    expect(Number(enqueuedTimeUtc)).toBeGreaterThanOrEqual(Number(before));
    expect(Number(enqueuedTimeUtc)).toBeLessThanOrEqual(Number(clock.now()));
    expect(state).toBe('active');
  }
});

test('hands a message to one receiver only, and removes it when it is completed', async () => {
  const { createClient, bus } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'once' });
  const receiver = client.createReceiver('orders');
  const message = await receiveOne(receiver);
  expect(await receiveAll(client.createReceiver('orders'))).toEqual([]);
  await receiver.completeMessage(message);
  expect(bus.heldMessages()).toEqual([]);
});

test('removes a message with its delivery when the receiver deletes', async () => {
  const { createClient, bus } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages([{ body: 'a' }, { body: 'b' }]);
  const receiver = client.createReceiver('orders', { receiveMode: 'receiveAndDelete' });
  const messages = await receiver.receiveMessages(2);
  expect(messages.map(({ body, deliveryCount }) => [body, deliveryCount])).toEqual([
    ['a', 0],
    ['b', 0],
  ]);
  expect(bus.heldMessages()).toEqual([]);
});

test('puts abandoned messages back in their old order, counting the delivery', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  const receiver = client.createReceiver('orders');
  const [first, second] = await receiver.receiveMessages(2);
  if (!first || !second) throw new Error('two messages were sent');
  await receiver.abandonMessage(second);
  await receiver.abandonMessage(first);
  const again = await receiver.receiveMessages(3);
  expect(again.map(({ body, deliveryCount }) => [body, deliveryCount])).toEqual([
    [1, 1],
    [2, 1],
    [3, 0],
  ]);
});

test('hands an abandoned message to a receiver that waits', async () => {
  const { createClient, port } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x', messageId: 'abandoned' });
  const receiver = client.createReceiver('orders');
  const message = await receiveOne(receiver);
  const { connection, putToken } = await connectRaw(port);
  await putToken('sb://localhost/orders');
  const waiting = await attachReceiver(connection, {
    source: 'orders',
    rcv_settle_mode: 1,
    credit_window: 0,
  });
  waiting.add_credit(1);
  const received = nextMessage(waiting);
  await putToken('sb://localhost/orders');
  await receiver.abandonMessage(message);
  expect((await received).message.properties[0]?.value).toBe('abandoned');
});

test('changes the properties that come with an abandon, keeps the others and the body', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  const applicationProperties = { kept: 'a', changed: 'b' };
  await client.createSender('orders').sendMessages({ body: 'x', messageId: 'id', applicationProperties });
  const receiver = client.createReceiver('orders');
  await receiver.abandonMessage(await receiveOne(receiver), { changed: 'c', added: 7 });
  expect(await receiveOne(receiver)).toMatchObject({
    body: 'x',
    messageId: 'id',
    applicationProperties: { kept: 'a', changed: 'c', added: 7 },
  });
});

test.each([
  ['completed', 0, 0],
  ['abandoned', 1, 0],
  ['dead-lettered', 0, 1],
])('lets a message be %s after its receiver was closed', async (how, left, dead) => {
  const { createClient, bus, history } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders');
  const message = await receiveOne(receiver);
  await receiver.close();
  const other = client.createReceiver('orders');
  if (how === 'completed') await other.completeMessage(message);
  else if (how === 'abandoned') await other.abandonMessage(message, { why: 'closed' });
  else await other.deadLetterMessage(message, { deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
  const held = bus.heldMessages();
  expect(held.filter(({ entity }) => entity === 'orders')).toHaveLength(left);
  expect(held.filter(({ entity }) => entity === 'orders/$DeadLetterQueue')).toHaveLength(dead);
  expect(history.list().map(({ request }) => request)).toContain('management update-disposition orders');
  if (how === 'abandoned')
    expect(held[0]).toMatchObject({ deliveryCount: 1, applicationProperties: { why: 'closed' } });
  if (how === 'dead-lettered')
    expect(held[0]?.applicationProperties).toEqual({
      DeadLetterReason: 'r',
      DeadLetterErrorDescription: 'd',
    });
});

test('serves the receivers of a queue in turn', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  const [one, other] = [client.createReceiver('orders'), client.createReceiver('orders')];
  const received = Promise.all([one.receiveMessages(5), other.receiveMessages(5)]);
  const sender = client.createSender('orders');
  await sender.sendMessages(Array.from({ length: 10 }, (_, body) => ({ body })));
  const [mine, yours] = await received;
  expect(mine).toHaveLength(5);
  expect(yours).toHaveLength(5);
});

test('finds entities whatever the case of their names', async () => {
  const { createClient } = await startTestBus({ Queues: [{ Name: 'Token-Requests' }] });
  const client = createClient();
  await client.createSender('token-REQUESTS').sendMessages({ body: 'x' });
  expect((await receiveOne(client.createReceiver('TOKEN-requests'))).body).toBe('x');
});

test('reuses the link after an empty receive, because drains are answered', async () => {
  const { createClient, history } = await startTestBus();
  const client = createClient();
  const receiver = client.createReceiver('orders');
  expect(await receiveAll(receiver, 10)).toEqual([]);
  expect(await receiveAll(receiver, 20)).toEqual([]);
  await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }]);
  expect(await receiveAll(receiver, 10)).toHaveLength(2);
  const attaches = history.list().filter(({ request }) => request === 'attach receive orders');
  expect(attaches).toHaveLength(1);
});
