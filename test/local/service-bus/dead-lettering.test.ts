import { expect, test } from 'vitest';
import { receiveAll, receiveOne, startTestBus } from './start-test-bus.ts';

test('dead-letters a message after as many failed deliveries as it may have', async () => {
  const { createClient } = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { MaxDeliveryCount: 2 } }],
  });
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'poison' });
  const receiver = client.createReceiver('orders');
  await receiver.abandonMessage(await receiveOne(receiver));
  await receiver.abandonMessage(await receiveOne(receiver));
  expect(await receiveAll(receiver)).toEqual([]);
  const dead = await receiveOne(client.createReceiver('orders', { subQueueType: 'deadLetter' }));
  expect(dead).toMatchObject({
    body: 'poison',
    deliveryCount: 2,
    deadLetterReason: 'MaxDeliveryCountExceeded',
    deadLetterErrorDescription: 'Message could not be consumed after 2 delivery attempts.',
  });
});

test('dead-letters on request with reason, description and properties, keeping number and count', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages([{ body: 'good' }, { body: 'bad' }]);
  const receiver = client.createReceiver('orders');
  const [, bad] = await receiver.receiveMessages(2);
  if (!bad) throw new Error('two messages were sent');
  await receiver.deadLetterMessage(bad, {
    deadLetterReason: 'unreadable',
    deadLetterErrorDescription: 'It is not JSON',
    attempt: 3,
  } as Parameters<typeof receiver.deadLetterMessage>[1]);
  const deadLetters = client.createReceiver('orders', { subQueueType: 'deadLetter' });
  const dead = await receiveOne(deadLetters);
  expect(dead).toMatchObject({
    body: 'bad',
    deliveryCount: 0,
    deadLetterReason: 'unreadable',
    deadLetterErrorDescription: 'It is not JSON',
    applicationProperties: { attempt: 3 },
  });
  expect(Number(dead.sequenceNumber)).toBe(2);
  await deadLetters.completeMessage(dead);
  expect(await receiveAll(deadLetters)).toEqual([]);
});

test('gives no reason to a message that was dead-lettered without one', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'bad' });
  const receiver = client.createReceiver('orders');
  await receiver.deadLetterMessage(await receiveOne(receiver));
  const dead = await receiveOne(client.createReceiver('orders', { subQueueType: 'deadLetter' }));
  expect(dead.deadLetterReason).toBeUndefined();
  expect(dead.deadLetterErrorDescription).toBeUndefined();
});

test('keeps dead letters however often their delivery fails, and does not dead-letter them again', async () => {
  const { createClient } = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { MaxDeliveryCount: 1 } }],
  });
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders');
  await receiver.abandonMessage(await receiveOne(receiver));
  const deadLetters = client.createReceiver('orders', { subQueueType: 'deadLetter' });
  for (let time = 0; time < 3; time += 1) await deadLetters.abandonMessage(await receiveOne(deadLetters));
  const dead = await receiveOne(deadLetters);
  expect(dead.deliveryCount).toBe(4);
  await expect(deadLetters.deadLetterMessage(dead)).rejects.toMatchObject({
    code: 'GeneralError',
    message: expect.stringContaining('cannot be dead-lettered'),
  });
});
