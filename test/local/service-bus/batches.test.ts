import { expect, test } from 'vitest';
import { receiveAll, startTestBus } from './start-test-bus.ts';

test('stores every message of a batch, each with its own properties', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  const sender = client.createSender('orders');
  const batch = await sender.createMessageBatch();
  for (let index = 0; index < 50; index += 1)
    expect(batch.tryAddMessage({ body: index, messageId: `m${index}`, subject: `s${index}` })).toBe(true);
  await sender.sendMessages(batch);
  const messages = await receiveAll(client.createReceiver('orders'));
  expect(messages.map(({ body, messageId, subject }) => [body, messageId, subject])).toEqual(
    Array.from({ length: 50 }, (_, index) => [index, `m${index}`, `s${index}`]),
  );
});

test('tells the client how large a batch may be', async () => {
  const { createClient } = await startTestBus();
  const batch = await createClient().createSender('orders').createMessageBatch();
  expect(batch.maxSizeInBytes).toBe(262_144);
  expect(batch.tryAddMessage({ body: Buffer.alloc(200_000) })).toBe(true);
  expect(batch.tryAddMessage({ body: Buffer.alloc(100_000) })).toBe(false);
});

test.each([
  ['a message just over the limit', 262_144],
  ['a message many times the limit', 3_000_000],
])('refuses %s and goes on', async (_, size) => {
  const { createClient, bus } = await startTestBus();
  const sender = createClient().createSender('orders');
  const error = await sender.sendMessages({ body: Buffer.alloc(size) }).catch((reason: Error) => reason);
  expect(error).toMatchObject({ code: 'MessageSizeExceeded' });
  // Of more than it needs to know that, the broker keeps nothing.
  const kept = Number(/at least (\d+) bytes/.exec(error?.message ?? '')?.[1]);
  expect(kept).toBeLessThan(262_144 + 2 * 65_536);
  await sender.sendMessages({ body: Buffer.alloc(200_000) });
  expect(bus.heldMessages()).toHaveLength(1);
});

test('brings a large message whole, though it comes in several frames', async () => {
  const { createClient } = await startTestBus();
  const client = createClient();
  const body = Buffer.from(Array.from({ length: 250_000 }, (_, index) => index % 251));
  await client.createSender('orders').sendMessages([{ body: 'small' }]);
  await client.createSender('orders').sendMessages({ body });
  const [, large] = await receiveAll(client.createReceiver('orders'));
  expect(body.equals(large?.body)).toBe(true);
});
