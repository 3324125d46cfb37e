import { afterEach, describe, expect, test } from 'vitest';
import { type BusHost, startBusHost } from '../support/start-bus-host.ts';

let bus: BusHost | undefined;
afterEach(async () => {
  await bus?.close();
  bus = undefined;
});

async function start(code: string, serviceBus: object, lock = 'PT1M'): Promise<BusHost> {
  bus = await startBusHost({ Queues: [{ Name: 'q', Properties: { LockDuration: lock } }] }, code, serviceBus);
  return bus;
}

/** Counts how many run at once, and lets them go by HTTP. */
const waiting = `
  let running = 0; let most = 0; const waiting = [];
  app.serviceBusQueue('waits', { queueName: 'q', connection: 'Bus', handler: async (message, context) => {
    running += 1; most = Math.max(most, running);
    context.log('began');
    await new Promise((resolve) => waiting.push(resolve));
    running -= 1; } });
  app.http('release', { handler: () => { for (const resolve of waiting.splice(0)) resolve(); return { jsonBody: { most } }; } });`;

async function began({ host }: BusHost, count: number): Promise<void> {
  await host.log.until(`${count} runs`, () => host.log.saidBy('waits').length >= count);
}

/** Lets the runs end that have begun, again and again until all have. */
async function releaseAll({ host }: BusHost, count: number): Promise<number> {
  let most = 0;
  while (host.log.runsOf('waits').length < count) {
    most = ((await (await host.fetch('/api/release')).json()) as { most: number }).most;
  }
  return most;
}

describe('host.json', () => {
  test('maxConcurrentCalls is how many messages a function has at once', async () => {
    const bus = await start(waiting, { maxConcurrentCalls: 3 });
    await bus.send('q', ...Array.from({ length: 8 }, (_, body) => ({ body })));
    await began(bus, 3);
    expect(await releaseAll(bus, 8)).toBe(3);
    await expect.poll(() => bus.held('q')).toBe(0);
  });

  test('prefetchCount takes more messages than are run, and they keep their order', async () => {
    const bus = await start(waiting, { maxConcurrentCalls: 1, prefetchCount: 4 });
    await bus.send(
      'q',
      ...Array.from({ length: 5 }, (_, index) => ({ body: index, messageId: `m${index}` })),
    );
    await began(bus, 1);
    const others = bus.client.createReceiver('q');
    expect(await others.receiveMessages(5, { maxWaitTimeInMs: 300 })).toEqual([]);
    expect(await releaseAll(bus, 5)).toBe(1);
    expect(bus.host.log.runsOf('waits').map(({ trigger }) => trigger?.match(/message (\w+)/)?.[1])).toEqual([
      ...['m0', 'm1', 'm2', 'm3', 'm4'],
    ]);
  });

  test('autoCompleteMessages false leaves successes unsettled, unless the trigger says otherwise', async () => {
    const bus = await start(
      `app.serviceBusQueue('keeps', { queueName: 'q', connection: 'Bus', handler: () => {} });`,
      { autoCompleteMessages: false },
    );
    await bus.send('q', { body: 1 });
    await bus.host.log.until('the run', () => bus.host.log.runsOf('keeps').length === 1);
    expect(await bus.held('q')).toBe(1);
  });

  test('maxMessageBatchSize is the largest batch', async () => {
    const bus = await start(
      `app.serviceBusQueue('batch', { queueName: 'q', connection: 'Bus', cardinality: 'many', handler: (messages, context) => { context.log(String(messages.length)); } });`,
      { maxMessageBatchSize: 2 },
    );
    await bus.send('q', ...Array.from({ length: 5 }, (_, body) => ({ body })));
    const seen = () => bus.host.log.saidBy('batch').map(Number);
    await bus.host.log.until('all messages', () => seen().reduce((sum, size) => sum + size, 0) === 5);
    expect(Math.max(...seen())).toBe(2);
  });
});

describe('locks', () => {
  test('of single messages are renewed while the function runs', async () => {
    const bus = await start(waiting, {}, 'PT2S');
    await bus.send('q', { body: 1 });
    await began(bus, 1);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await releaseAll(bus, 1);
    await expect.poll(() => bus.held('q')).toBe(0);
    expect(bus.host.log.runsOf('waits')).toHaveLength(1);
  });

  test('end when maxAutoLockRenewalDuration is over, and the message comes again', async () => {
    const bus = await start(
      waiting,
      { maxAutoLockRenewalDuration: '00:00:00', maxConcurrentCalls: 2 },
      'PT1S',
    );
    await bus.send('q', { body: 1 });
    await began(bus, 2);
    await releaseAll(bus, 2);
  });

  test('of batches are not renewed', async () => {
    const bus = await start(
      `app.serviceBusQueue('batch', { queueName: 'q', connection: 'Bus', cardinality: 'many', handler: async (messages, context) => {
        context.log(context.triggerMetadata.deliveryCountArray.join());
        await new Promise((resolve) => setTimeout(resolve, context.triggerMetadata.deliveryCountArray[0] === 1 ? 2500 : 0)); } });`,
      {},
      'PT3S',
    );
    await bus.send('q', { body: 1 });
    await bus.host.log.until('the second delivery', () => bus.host.log.saidBy('batch').length === 2);
    expect(bus.host.log.saidBy('batch')).toEqual(['1', '2']);
    await bus.host.log.line('the lost lock', ({ message }) =>
      message.includes('a message could not be settled'),
    );
  });
});

describe('when the host stops', () => {
  test('runs under way end and complete their messages; what was only fetched is given back', async () => {
    const bus = await start(
      `app.serviceBusQueue('waits', { queueName: 'q', connection: 'Bus', handler: async (message, context) => {
        context.log('began');
        await new Promise((resolve) => setTimeout(resolve, 300)); } });`,
      { maxConcurrentCalls: 1, prefetchCount: 1 },
    );
    await bus.send('q', { body: 1 }, { body: 2 });
    await began(bus, 1);
    await bus.host.close();
    expect(bus.host.log.runsOf('waits')).toMatchObject([{ outcome: 'succeeded' }]);
    expect(await bus.held('q')).toBe(1);
    expect(await bus.receive('q', 1)).toMatchObject([{ body: Buffer.from('2') }]);
  });

  test('what does not end is given back', async () => {
    const bus = await start(waiting, {});
    await bus.send('q', { body: 1 });
    await began(bus, 1);
    await bus.host.close();
    expect(bus.host.log.runsOf('waits')).toMatchObject([{ outcome: 'abandoned' }]);
    expect(await bus.receive('q', 1)).toMatchObject([{ deliveryCount: 1 }]);
  });
});

test('a move of the clock waits for calls that are under way', async () => {
  const bus = await start(
    `app.serviceBusQueue('waits', { queueName: 'q', connection: 'Bus', handler: async (message, context) => {
      context.log('began');
      await new Promise((resolve) => setTimeout(resolve, 200)); } });`,
    {},
  );
  await bus.send('q', { body: 1 });
  await began(bus, 1);
  await bus.clock.advance(1000);
  expect(bus.host.log.runsOf('waits')).toMatchObject([{ outcome: 'succeeded' }]);
});

test('a broker that cannot be reached for a while is taken up again soon, without a setting', async () => {
  const bus = await start(
    `app.serviceBusQueue('takes', { queueName: 'q', connection: 'Bus', handler: () => {} });`,
    {},
  );
  await bus.send('q', { body: 1 });
  await bus.host.log.until('the first run', () => bus.host.log.runsOf('takes').length === 1);
  bus.faults.setReachable('service-bus', false);
  await bus.host.log.line('the trouble', ({ category }) => category === 'Host.Triggers.ServiceBus');
  bus.faults.setReachable('service-bus', true);
  await bus.send('q', { body: 2 });
  await bus.host.log.until('the second run', () => bus.host.log.runsOf('takes').length === 2);
});
