import type { ServiceBusClient } from '@azure/service-bus';
import { expect, test } from 'vitest';
import type { Fault } from '../../../infra/local/control/faults.ts';
import { attachReceiver, attachSender, connectRaw } from './raw-amqp-client.ts';
import { receiveAll, receiveOne, startTestBus, until } from './start-test-bus.ts';

type Effect = Fault['effect'];

function fault(match: string, effect: Effect, times = 1): Fault {
  return { part: 'service-bus', match, effect, times };
}

async function sendOne(client: ServiceBusClient): Promise<void> {
  await client.createSender('orders').sendMessages({ body: 'x' });
}

async function settleOne(
  client: ServiceBusClient,
  how: 'complete' | 'abandon' | 'dead-letter',
): Promise<void> {
  const receiver = client.createReceiver('orders');
  const message = await receiveOne(receiver);
  if (how === 'complete') await receiver.completeMessage(message);
  else if (how === 'abandon') await receiver.abandonMessage(message);
  else await receiver.deadLetterMessage(message);
}

/** What a dropped connection makes the client wait for, it waits for its whole time-out. */
const impatient = { retryOptions: { maxRetries: 0, timeoutInMs: 1000 } };

const operations: Record<string, { match: string; run: (client: ServiceBusClient) => Promise<unknown> }> = {
  'putting a token': { match: '^put-token orders$', run: sendOne },
  'attaching to send': { match: '^attach send orders$', run: sendOne },
  sending: { match: '^send orders$', run: sendOne },
  'attaching to receive': {
    match: '^attach receive orders$',
    run: (client) => client.createReceiver('orders').receiveMessages(1),
  },
  completing: { match: '^complete orders$', run: (client) => settleOne(client, 'complete') },
  abandoning: { match: '^abandon orders$', run: (client) => settleOne(client, 'abandon') },
  'dead-lettering': { match: '^dead-letter orders$', run: (client) => settleOne(client, 'dead-letter') },
  delivering: { match: '^deliver orders$', run: (client) => settleOne(client, 'complete') },
  peeking: {
    match: '^management peek-message orders$',
    run: (client) => client.createReceiver('orders').peekMessages(1),
  },
  scheduling: {
    match: '^management schedule-message orders$',
    run: (client) =>
      client.createSender('orders').scheduleMessages({ body: 'x' }, new Date(Date.now() + 1e6)),
  },
};

test.each(Object.entries(operations))(
  'fails %s as often as asked, and then works again',
  async (_, { match, run }) => {
    const { createClient, faults, history } = await startTestBus();
    await sendOne(createClient());
    faults.inject(fault(match, { kind: 'fail', code: 'amqp:resource-limit-exceeded' }));
    await expect(run(createClient())).rejects.toMatchObject({ code: 'QuotaExceeded' });
    const record = history.list().find((candidate) => candidate.fault === 'fail');
    expect(record).toMatchObject({
      part: 'service-bus',
      request: expect.stringMatching(new RegExp(match)),
      outcome: 'amqp:resource-limit-exceeded',
    });
    await sendOne(createClient());
    await run(createClient());
  },
);

test.each(Object.entries(operations))('throttles %s as the service does', async (_, { match, run }) => {
  const { createClient, faults } = await startTestBus();
  await sendOne(createClient());
  faults.inject(fault(match, { kind: 'throttle', retryAfterSeconds: 10 }));
  await expect(run(createClient())).rejects.toMatchObject({ code: 'ServiceBusy', retryable: true });
});

test('fails with an internal error, which clients try again, unless told which', async () => {
  const { createClient, faults } = await startTestBus();
  faults.inject(fault('^send', { kind: 'fail', message: 'out of luck' }));
  await expect(sendOne(createClient())).rejects.toMatchObject({
    retryable: true,
    message: 'InternalServerError: out of luck',
  });
});

test('lets a client that tries again get through', async () => {
  const { createClient, faults, bus } = await startTestBus();
  const client = createClient({ retryOptions: { maxRetries: 3, retryDelayInMs: 10, timeoutInMs: 10_000 } });
  faults.inject(fault('^send orders$', { kind: 'throttle' }, 2));
  await sendOne(client);
  expect(bus.heldMessages()).toHaveLength(1);
});

test('forces a connection to close when it fails its opening, after which the client can open another', async () => {
  const { createClient, faults } = await startTestBus();
  const client = createClient();
  faults.inject(fault('^open$', { kind: 'throttle' }));
  await expect(sendOne(client)).rejects.toMatchObject({
    retryable: true,
    message: expect.stringMatching(/^ConnectionForcedError: com.microsoft:server-busy: /),
  });
  await sendOne(client);
});

test('delays the opening of a connection', async () => {
  const { createClient, faults, history } = await startTestBus();
  faults.inject(fault('^open$', { kind: 'delay', milliseconds: 50 }));
  await sendOne(createClient());
  expect(history.list()[0]).toMatchObject({ request: 'open', outcome: 'accepted', fault: 'delay' });
});

test.each(['before', 'after'] as const)('drops a connection %s it is opened', async (when) => {
  const { createClient, faults } = await startTestBus();
  faults.inject(fault('^open$', { kind: 'drop', when }));
  const client = createClient();
  await expect(sendOne(client)).rejects.toThrow();
  await sendOne(client);
});

test.each(Object.entries(operations))('delays %s, and then does it', async (_, { match, run }) => {
  const { createClient, faults, history } = await startTestBus();
  await sendOne(createClient());
  faults.inject(fault(match, { kind: 'delay', milliseconds: 50 }));
  await run(createClient());
  expect(history.list().filter((record) => record.fault === 'delay')).toMatchObject([
    { outcome: 'accepted' },
  ]);
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

test('locks nothing for a receiver that is gone when a delayed delivery is due', async () => {
  const { createClient, faults, history, port } = await startTestBus();
  await sendOne(createClient());
  faults.inject(fault('^deliver orders$', { kind: 'delay', milliseconds: 200 }));
  const { connection, putToken } = await connectRaw(port);
  await putToken('sb://localhost/orders');
  const receiver = await attachReceiver(connection, {
    source: 'orders',
    rcv_settle_mode: 1,
    credit_window: 0,
  });
  receiver.add_credit(1);
  await putToken('sb://localhost/orders');
  connection.close();
  await until(() => history.list().some((record) => record.fault === 'delay'), 'the delayed delivery');
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

test('forgets delayed requests when it is closed', async () => {
  const { bus, faults, port } = await startTestBus();
  const { connection, putToken } = await connectRaw(port);
  await putToken('sb://localhost/orders');
  const sender = await attachSender(connection, { target: 'orders' });
  faults.inject(fault('^send', { kind: 'delay', milliseconds: 60_000 }));
  sender.send({ body: 'x' });
  sender.send({ body: 'y' });
  await until(() => bus.heldMessages().length === 1, 'the second message is stored');
  await bus.close();
});
