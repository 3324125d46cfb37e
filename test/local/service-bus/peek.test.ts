import { expect, test } from 'vitest';
import { receiveOne, startTestBus } from './start-test-bus.ts';

test('shows active, locked and scheduled messages in the order of their numbers, and takes none', async () => {
  const { createClient, clock } = await startTestBus();
  const client = createClient();
  const sender = client.createSender('orders');
  await sender.sendMessages({ body: 'locked' });
  await sender.scheduleMessages({ body: 'scheduled' }, new Date(Number(clock.now()) + 60_000));
  await sender.sendMessages({ body: 'active' });
  const receiver = client.createReceiver('orders');
  const locked = await receiveOne(receiver);
  const peeked = await receiver.peekMessages(10);
  expect(peeked.map(({ body, state }) => [body, state])).toEqual([
    ['locked', 'active'],
    ['scheduled', 'scheduled'],
    ['active', 'active'],
  ]);
  expect(peeked.map(({ sequenceNumber }) => Number(sequenceNumber))).toEqual([1, 2, 3]);
  expect(peeked.map(({ lockToken }) => lockToken)).toEqual([undefined, undefined, undefined]);
  await receiver.completeMessage(locked);
  expect((await receiveOne(receiver)).body).toBe('active');
});

test('goes on where the last peek ended, and starts where it is told to', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  const receiver = client.createReceiver('orders');
  const [first] = await receiver.peekMessages(2);
  expect((await receiver.peekMessages(2)).map(({ body }) => body)).toEqual([3]);
  expect(await receiver.peekMessages(2)).toEqual([]);
  const fromSequenceNumber = first?.sequenceNumber?.add(1);
  if (!fromSequenceNumber) throw new Error('three messages were sent');
  const again = await receiver.peekMessages(5, { fromSequenceNumber });
  expect(again.map(({ body }) => body)).toEqual([2, 3]);
});

test('shows an empty queue as empty', async () => {
  const { createClient } = await startTestBus();
  expect(await createClient().createReceiver('orders').peekMessages(10)).toEqual([]);
});

test('shows dead letters with why they are dead', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders');
  await receiver.deadLetterMessage(await receiveOne(receiver), {
    deadLetterReason: 'r',
    deadLetterErrorDescription: 'd',
  });
  const deadLetters = client.createReceiver('orders', { subQueueType: 'deadLetter' });
  expect(await deadLetters.peekMessages(5)).toMatchObject([{ body: 'x', deadLetterReason: 'r' }]);
});

test('shows as many large messages as an answer holds, and the rest when asked again', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  const sender = client.createSender('orders');
  for (let index = 0; index < 6; index += 1)
    await sender.sendMessages({ body: Buffer.alloc(250_000, index) });
  const receiver = client.createReceiver('orders');
  const first = await receiver.peekMessages(10);
  const second = await receiver.peekMessages(10);
  expect([first.length, second.length]).toEqual([4, 2]);
});
