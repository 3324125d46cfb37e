import { expect, test } from 'vitest';
import { receiveAll, receiveOne, startTestBus } from './start-test-bus.ts';

const detecting = { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT10M' };
const queue = { Queues: [{ Name: 'orders', Properties: detecting }] };
const bodies = (messages: readonly { body: unknown }[]) => messages.map(({ body }) => body);

test('accepts a message with an id seen before, and drops it', async () => {
  const { createClient } = await startTestBus(queue);
  const client = createClient();
  const sender = client.createSender('orders');
  await sender.sendMessages({ body: 'first', messageId: 'a' });
  await sender.sendMessages({ body: 'again', messageId: 'a' });
  await sender.sendMessages({ body: 'other', messageId: 'b' });
  expect(bodies(await receiveAll(client.createReceiver('orders')))).toEqual(['first', 'other']);
});

test('drops duplicates inside one batch', async () => {
  const { createClient } = await startTestBus(queue);
  const client = createClient();
  await client.createSender('orders').sendMessages([
    { body: 1, messageId: 'a' },
    { body: 2, messageId: 'a' },
    { body: 3, messageId: 'b' },
  ]);
  expect(bodies(await receiveAll(client.createReceiver('orders')))).toEqual([1, 3]);
});

test('drops a duplicate of a message that was completed, until the window is over', async () => {
  const { createClient, clock } = await startTestBus(queue);
  const client = createClient();
  const sender = client.createSender('orders');
  const receiver = client.createReceiver('orders');
  await sender.sendMessages({ body: 1, messageId: 'a' });
  await receiver.completeMessage(await receiveOne(receiver));
  await clock.advance(9 * 60_000);
  await sender.sendMessages({ body: 2, messageId: 'a' });
  expect(await receiveAll(receiver)).toEqual([]);
  await clock.advance(60_000);
  await sender.sendMessages({ body: 3, messageId: 'a' });
  expect((await receiveOne(receiver)).body).toBe(3);
});

test('does not take the text of a number for the number', async () => {
  const { createClient } = await startTestBus(queue);
  const client = createClient();
  await client.createSender('orders').sendMessages([
    { body: 'number', messageId: 1 },
    { body: 'text', messageId: '1' },
    { body: 'number again', messageId: 1 },
  ]);
  expect(bodies(await receiveAll(client.createReceiver('orders')))).toEqual(['number', 'text']);
});

test('drops duplicates of a topic before they reach any subscription', async () => {
  const Subscriptions = [{ Name: 'one' }, { Name: 'other' }];
  const { createClient, bus } = await startTestBus({
    Topics: [{ Name: 'events', Properties: detecting, Subscriptions }],
  });
  const sender = createClient().createSender('events');
  await sender.sendMessages({ body: 1, messageId: 'a' });
  await sender.sendMessages({ body: 2, messageId: 'a' });
  expect(bus.heldMessages()).toHaveLength(2);
});

test('detects nothing where it is not asked to', async () => {
  const { createClient, bus } = await startTestBus();
  const sender = createClient().createSender('orders');
  await sender.sendMessages([
    { body: 1, messageId: 'a' },
    { body: 2, messageId: 'a' },
  ]);
  expect(bus.heldMessages()).toHaveLength(2);
});
