import { expect, test } from 'vitest';
import { receiveAll, receiveOne, startTestBus, until } from './start-test-bus.ts';

const lockOf = (LockDuration: string) => ({
  Queues: [{ Name: 'orders', Properties: { LockDuration, MaxDeliveryCount: 5 } }],
});

/** The client renews locks by itself unless told not to. */
const withoutRenewal = { maxAutoLockRenewalDurationInMs: 0 };

test('says until when a message is locked, by the time of the machine', async () => {
  const { createClient, clock } = await startTestBus();
  await clock.advance(30 * 24 * 60 * 60 * 1000);
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const before = Date.now();
  const message = await receiveOne(client.createReceiver('orders'));
  expect(Number(message.lockedUntilUtc)).toBeGreaterThanOrEqual(before + 60_000);
  expect(Number(message.lockedUntilUtc)).toBeLessThanOrEqual(Date.now() + 60_000);
});

test('delivers a message again, counted, when its lock has expired, and refuses the late settlement', async () => {
  const { createClient, bus } = await startTestBus(lockOf('PT1S'));
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const slow = client.createReceiver('orders', withoutRenewal);
  const first = await receiveOne(slow);
  const quick = client.createReceiver('orders');
  const second = await receiveOne(quick);
  expect(second.deliveryCount).toBe(1);
  expect(second.lockToken).not.toBe(first.lockToken);
  await expect(slow.completeMessage(first)).rejects.toMatchObject({ code: 'MessageLockLost' });
  expect(bus.heldMessages()).toHaveLength(1);
  await quick.completeMessage(second);
  expect(bus.heldMessages()).toEqual([]);
});

test('dead-letters a message whose locks expire too often', async () => {
  const { createClient } = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { LockDuration: 'PT0.5S', MaxDeliveryCount: 2 } }],
  });
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders', withoutRenewal);
  await receiveOne(receiver);
  await receiveOne(receiver);
  const dead = await receiveOne(client.createReceiver('orders', { subQueueType: 'deadLetter' }));
  expect(dead).toMatchObject({ deadLetterReason: 'MaxDeliveryCountExceeded', deliveryCount: 2 });
});

test('keeps a message locked as long as its lock is renewed', async () => {
  const { createClient } = await startTestBus(lockOf('PT2S'));
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders', withoutRenewal);
  const message = await receiveOne(receiver);
  const end = Date.now() + 4500;
  while (Date.now() < end) {
    const before = Date.now();
    const lockedUntil = await receiver.renewMessageLock(message);
    expect(Number(lockedUntil)).toBeGreaterThanOrEqual(before + 2000);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await receiver.completeMessage(message);
});

test('lets the client renew locks by itself', async () => {
  const { createClient, history } = await startTestBus(lockOf('PT2S'));
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders');
  const message = await receiveOne(receiver);
  const renewals = () => history.list().filter(({ request }) => request === 'management renew-lock orders');
  await until(() => renewals().length >= 3, 'three renewals');
  await receiver.completeMessage(message);
});

test('refuses to renew a lock that has expired', async () => {
  const { createClient, bus } = await startTestBus(lockOf('PT1S'));
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders', withoutRenewal);
  const message = await receiveOne(receiver);
  await until(() => bus.heldMessages()[0]?.deliveryCount === 1, 'the lock expires');
  await expect(receiver.renewMessageLock(message)).rejects.toMatchObject({ code: 'MessageLockLost' });
});

test('refuses to settle a message whose lock has expired after its receiver was closed', async () => {
  const { createClient, bus } = await startTestBus(lockOf('PT1S'));
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders', withoutRenewal);
  const message = await receiveOne(receiver);
  await receiver.close();
  await until(() => bus.heldMessages()[0]?.deliveryCount === 1, 'the lock expires');
  const other = client.createReceiver('orders');
  await expect(other.completeMessage(message)).rejects.toMatchObject({ code: 'MessageLockLost' });
});

test('ends no lock when the clock of the local cloud is moved', async () => {
  const { createClient, clock, bus } = await startTestBus();
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders');
  const message = await receiveOne(receiver);
  await clock.advance(50 * 60_000);
  expect(await receiveAll(client.createReceiver('orders'))).toEqual([]);
  await receiver.completeMessage(message);
  expect(bus.heldMessages()).toEqual([]);
});

test('keeps a message locked after its receiver has closed, until the lock expires', async () => {
  const { createClient } = await startTestBus(lockOf('PT1S'));
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders', withoutRenewal);
  await receiveOne(receiver);
  await receiver.close();
  // Counted as a failed delivery, so it was not just given back.
  expect((await receiveOne(client.createReceiver('orders'))).deliveryCount).toBe(1);
});
