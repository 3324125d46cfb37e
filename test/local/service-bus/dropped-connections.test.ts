import { expect, test } from 'vitest';
import { fault, sendOne } from './fault-injection.ts';
import { connectRaw } from './raw-amqp-client.ts';
import { receiveAll, receiveOne, startTestBus, until } from './start-test-bus.ts';

/** What a dropped connection makes the client wait for, it waits for its whole time-out. */
const impatient = { retryOptions: { maxRetries: 0, timeoutInMs: 1000 } };

test.each(['before', 'after'] as const)('drops a connection %s it is opened', async (when) => {
  const { createClient, faults } = await startTestBus();
  faults.inject(fault('^open$', { kind: 'drop', when }));
  const client = createClient();
  await expect(sendOne(client)).rejects.toThrow();
  await sendOne(client);
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('drops the connection %s a message is stored', async (when, stored) => {
  const { createClient, faults, bus, history } = await startTestBus();
  faults.inject(fault('^send orders$', { kind: 'drop', when }));
  await expect(sendOne(createClient(impatient))).rejects.toThrow();
  expect(bus.heldMessages()).toHaveLength(stored);
  const record = history.list().find((candidate) => candidate.fault === 'drop');
  expect(record).toMatchObject({ request: 'send orders' });
  expect(record).not.toHaveProperty('outcome');
});

test.each([
  ['before', 1],
  ['after', 0],
] as const)('drops the connection %s a message is completed', async (when, left) => {
  const { createClient, faults, bus } = await startTestBus();
  await sendOne(createClient());
  const client = createClient(impatient);
  const receiver = client.createReceiver('orders');
  const message = await receiveOne(receiver);
  faults.inject(fault('^complete orders$', { kind: 'drop', when }));
  await expect(receiver.completeMessage(message)).rejects.toThrow();
  expect(bus.heldMessages()).toHaveLength(left);
});

test('locks the message of a delivery that is dropped on its way, until its lock expires', async () => {
  const { createClient, faults, bus } = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { LockDuration: 'PT1S' } }],
  });
  await sendOne(createClient());
  faults.inject(fault('^deliver orders$', { kind: 'drop', when: 'after' }));
  await expect(createClient().createReceiver('orders').receiveMessages(1)).rejects.toThrow();
  expect(bus.heldMessages()).toMatchObject([{ deliveryCount: 0 }]);
  expect((await receiveOne(createClient().createReceiver('orders'))).deliveryCount).toBe(1);
});

test('does not lock the message of a delivery that is dropped before it happens', async () => {
  const { createClient, faults } = await startTestBus();
  await sendOne(createClient());
  faults.inject(fault('^deliver orders$', { kind: 'drop', when: 'before' }));
  await expect(createClient().createReceiver('orders').receiveMessages(1)).rejects.toThrow();
  expect((await receiveOne(createClient().createReceiver('orders'))).deliveryCount).toBe(0);
});

test('takes damage for a drop after the effect', async () => {
  const { createClient, faults, bus } = await startTestBus();
  faults.inject(fault('^send orders$', { kind: 'damage', how: 'cut' }));
  await expect(sendOne(createClient(impatient))).rejects.toThrow();
  expect(bus.heldMessages()).toHaveLength(1);
});

test('does not spin when every delivery is delayed or dropped', async () => {
  const { createClient, faults } = await startTestBus();
  await sendOne(createClient());
  faults.inject({ part: 'service-bus', match: '^deliver', effect: { kind: 'delay', milliseconds: 30 } });
  const client = createClient();
  const receiver = client.createReceiver('orders');
  await receiver.completeMessage(await receiveOne(receiver));
  faults.clear();
  faults.inject({ part: 'service-bus', match: '^deliver', effect: { kind: 'drop', when: 'before' } });
  await sendOne(client);
  await expect(createClient().createReceiver('orders').receiveMessages(10)).rejects.toThrow();
  faults.clear();
  expect(await receiveAll(createClient().createReceiver('orders'))).toHaveLength(1);
});

test('cuts every connection and refuses new ones while it is unreachable', async () => {
  const { createClient, faults, port } = await startTestBus();
  const client = createClient();
  await sendOne(client);
  const { connection } = await connectRaw(port);
  let isCut = false;
  connection.on('disconnected', () => {
    isCut = true;
  });
  faults.setReachable('service-bus', false);
  await until(() => isCut, 'the connection is cut');
  await expect(sendOne(createClient(impatient))).rejects.toThrow();
  faults.setReachable('service-bus', true);
  await sendOne(createClient());
});

test('lets a subscriber find back after it was unreachable', async () => {
  const { createClient, faults } = await startTestBus();
  const client = createClient({ retryOptions: { maxRetries: 50, retryDelayInMs: 20, timeoutInMs: 5000 } });
  const received: unknown[] = [];
  const receiver = client.createReceiver('orders');
  receiver.subscribe({
    processMessage: async ({ body }) => {
      received.push(body);
    },
    processError: async () => {},
  });
  await sendOne(createClient());
  await until(() => received.length === 1, 'the first message');
  faults.setReachable('service-bus', false);
  faults.setReachable('service-bus', true);
  await sendOne(createClient());
  await until(() => received.length === 2, 'the second message');
  await receiver.close();
});
