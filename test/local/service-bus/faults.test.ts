import type { ServiceBusClient } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { fault, sendOne } from './fault-injection.ts';
import { attachReceiver, attachSender, connectRaw } from './raw-amqp-client.ts';
import { receiveOne, startTestBus, until } from './start-test-bus.ts';

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

test.each([
  ['before', 0],
  ['after', 1],
] as const)('fails a message that is sent %s it is stored', async (when, stored) => {
  const { createClient, faults } = await startTestBus();
  faults.inject(fault('^send orders$', { kind: 'fail', code: 'amqp:resource-limit-exceeded', when }));
  await expect(sendOne(createClient())).rejects.toMatchObject({ code: 'QuotaExceeded' });
  const held = await createClient().createReceiver('orders').peekMessages(2);
  expect(held).toHaveLength(stored);
});

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

test.each(Object.entries(operations))('delays %s, and then does it', async (_, { match, run }) => {
  const { createClient, faults, history } = await startTestBus();
  await sendOne(createClient());
  faults.inject(fault(match, { kind: 'delay', milliseconds: 50 }));
  await run(createClient());
  expect(history.list().filter((record) => record.fault === 'delay')).toMatchObject([
    { outcome: 'accepted' },
  ]);
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
