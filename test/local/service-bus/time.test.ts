import { expect, test } from 'vitest';
import { receiveAll, receiveOne, startTestBus, until } from './start-test-bus.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const forever = 'P10675199DT2H48M5.4775807S';

test('holds a scheduled message back until its time, and then enqueues it as if it was just sent', async () => {
  const { createClient, clock, bus } = await startTestBus();
  const client = createClient();
  const due = new Date(Number(clock.now()) + 2 * hour);
  const [number] = await client.createSender('orders').scheduleMessages({ body: 'later' }, due);
  const receiver = client.createReceiver('orders');
  await clock.advance(2 * hour - minute);
  expect(await receiveAll(receiver)).toEqual([]);
  expect(bus.heldMessages()).toMatchObject([{ state: 'scheduled', sequenceNumber: Number(number) }]);
  await clock.advance(minute);
  const message = await receiveOne(receiver);
  expect(message).toMatchObject({ body: 'later', state: 'active', deliveryCount: 0 });
  expect(Number(message.enqueuedTimeUtc)).toBeGreaterThanOrEqual(Number(due));
  expect(Number(message.sequenceNumber)).toBeGreaterThan(Number(number));
  expect(Number(message.enqueuedSequenceNumber)).toBe(Number(number));
});

test('schedules a plain message whose sender asks for a time to come, and not one whose time has passed', async () => {
  const { createClient, clock } = await startTestBus();
  const client = createClient();
  const now = Number(clock.now());
  await client.createSender('orders').sendMessages([
    { body: 'tomorrow', scheduledEnqueueTimeUtc: new Date(now + day) },
    { body: 'now', scheduledEnqueueTimeUtc: new Date(now - day) },
  ]);
  const receiver = client.createReceiver('orders');
  expect((await receiveAll(receiver)).map(({ body }) => body)).toEqual(['now']);
  await clock.advance(day);
  expect((await receiveOne(receiver)).body).toBe('tomorrow');
});

test('enqueues scheduled messages of all queues in the order of their times', async () => {
  const { createClient, clock, history } = await startTestBus({ Queues: [{ Name: 'a' }, { Name: 'b' }] });
  const client = createClient();
  const start = Number(clock.now());
  const inHours = (hours: number) => new Date(start + hours * hour);
  await client.createSender('a').scheduleMessages([{ body: 'a3' }], inHours(3));
  await client.createSender('b').scheduleMessages([{ body: 'b2' }], inHours(2));
  await client.createSender('a').scheduleMessages([{ body: 'a1' }], inHours(1));
  const arrived: unknown[] = [];
  for (const queue of ['a', 'b']) {
    const processMessage = async ({ body }: { body: unknown }) => {
      arrived.push(body);
    };
    const receiver = client.createReceiver(queue);
    receiver.subscribe({ processMessage, processError: async () => {} }, { maxConcurrentCalls: 5 });
    await client.createSender(queue).sendMessages({ body: 'ready' });
  }
  await until(() => arrived.length === 2, 'both receivers are ready');
  await clock.advance(4 * hour);
  await until(() => arrived.length === 5, 'three scheduled messages');
  const deliveries = history.list().filter(({ request }) => request.startsWith('deliver'));
  const order = deliveries
    .slice(2)
    .map(({ request, at }) => [request, Math.round((Date.parse(at) - start) / hour)]);
  expect(order).toEqual([
    ['deliver a', 1],
    ['deliver b', 2],
    ['deliver a', 3],
  ]);
});

test('cancels scheduled messages, all or none', async () => {
  const { createClient, clock, bus } = await startTestBus();
  const client = createClient();
  const sender = client.createSender('orders');
  const due = new Date(Number(clock.now()) + hour);
  const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }, { body: 3 }], due);
  await sender.cancelScheduledMessages(numbers.slice(0, 2));
  expect(bus.heldMessages()).toHaveLength(1);
  await expect(sender.cancelScheduledMessages(numbers.slice(1))).rejects.toMatchObject({
    code: 'MessageNotFound',
  });
  expect(bus.heldMessages()).toHaveLength(1);
  await clock.advance(hour);
  expect((await receiveAll(client.createReceiver('orders'))).map(({ body }) => body)).toEqual([3]);
  await expect(sender.cancelScheduledMessages(numbers.slice(2))).rejects.toMatchObject({
    code: 'MessageNotFound',
  });
});

test('drops a message at the end of the time that its sender gave it', async () => {
  const { createClient, clock, bus } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages([
    { body: 'short', timeToLive: 10 * minute },
    { body: 'long', timeToLive: 20 * minute },
  ]);
  await clock.advance(11 * minute);
  expect(bus.heldMessages()).toHaveLength(1);
  const message = await receiveOne(client.createReceiver('orders'));
  expect(message).toMatchObject({ body: 'long', timeToLive: 20 * minute });
  expect(Number(message.expiresAtUtc)).toBe(Number(message.enqueuedTimeUtc) + 20 * minute);
});

test.each([
  ['the shorter of two times to live counts: the entity', 'PT5M', 10 * minute, 5 * minute],
  ['the shorter of two times to live counts: the message', 'PT20M', 10 * minute, 10 * minute],
  ['a message without a time of its own has the entity’s', 'PT7M', undefined, 7 * minute],
])('%s', async (_, entityTime, messageTime, expected) => {
  const { createClient } = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { DefaultMessageTimeToLive: entityTime } }],
  });
  const client = createClient();
  const own = messageTime === undefined ? {} : { timeToLive: messageTime };
  await client.createSender('orders').sendMessages({ body: 'x', ...own });
  const message = await receiveOne(client.createReceiver('orders'));
  expect(Number(message.expiresAtUtc) - Number(message.enqueuedTimeUtc)).toBe(expected);
});

test('keeps messages for ever where the configuration says so', async () => {
  const { createClient, clock } = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { DefaultMessageTimeToLive: forever } }],
  });
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  await clock.advance(3650 * day);
  const message = await receiveOne(client.createReceiver('orders'));
  expect(message.body).toBe('x');
  expect(message.timeToLive).toBeUndefined();
});

test('dead-letters what has expired where the entity says so, and keeps it there for ever', async () => {
  const { createClient, clock } = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { DeadLetteringOnMessageExpiration: true } }],
  });
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x', timeToLive: minute });
  await clock.advance(minute);
  await clock.advance(365 * day);
  const dead = await receiveOne(client.createReceiver('orders', { subQueueType: 'deadLetter' }));
  expect(dead).toMatchObject({
    body: 'x',
    deadLetterReason: 'TTLExpiredException',
    deadLetterErrorDescription: 'The message expired and was dead lettered.',
    timeToLive: minute,
  });
});

test('lets a locked message be completed after its time, and expires it when it is given back', async () => {
  const { createClient, clock, bus } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages([
    { body: 1, timeToLive: minute },
    { body: 2, timeToLive: minute },
  ]);
  const receiver = client.createReceiver('orders');
  const [first, second] = await receiver.receiveMessages(2);
  if (!first || !second) throw new Error('two messages were sent');
  await clock.advance(hour);
  expect(bus.heldMessages()).toHaveLength(2);
  await receiver.completeMessage(first);
  await receiver.abandonMessage(second);
  expect(bus.heldMessages()).toEqual([]);
});

test('starts the time to live of a scheduled message when it becomes active', async () => {
  const { createClient, clock, bus } = await startTestBus();
  const client = createClient();
  const due = new Date(Number(clock.now()) + 5 * hour);
  await client.createSender('orders').scheduleMessages({ body: 'x', timeToLive: 10 * minute }, due);
  await clock.advance(5 * hour + 9 * minute);
  expect(bus.heldMessages()).toHaveLength(1);
  await clock.advance(minute);
  expect(bus.heldMessages()).toEqual([]);
});
