import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import {
  type ProcessErrorArgs,
  ServiceBusClient,
  type ServiceBusReceiver,
  type ServiceBusSender,
} from '@azure/service-bus';
import { MovableClock } from '../../infra/local/clock.ts';
import { Faults } from '../../infra/local/control/faults.ts';
import { RequestHistory } from '../../infra/local/control/request-history.ts';
import { startServiceBus } from '../../infra/local/service-bus/start-service-bus.ts';

/**
 * Messages per second through the local Service Bus, its broker in a process of its own, with 1 KB bodies. Beside each figure
 * stands what a bare prototype reached on a quiet machine with two cores (the lower and upper end of three runs), and the ratio
 * to the middle of that.
 */

interface Measure {
  readonly name: string;
  /** Messages per second of the prototype. */
  readonly reference: readonly [lower: number, upper: number];
  /** Moves messages and returns how many and in how many milliseconds. */
  run(client: ServiceBusClient): Promise<Rate>;
}

interface Rate {
  readonly messages: number;
  readonly milliseconds: number;
}

const body = Buffer.alloc(1024, 'x');
const message = { body };
const batchSize = 200;

/** Each measure is taken so often, and its best shown: a machine that others use is slower at times, never faster. */
const rounds = 2;

const measures: readonly Measure[] = [
  {
    name: 'send one after the other',
    reference: [1700, 2500],
    run: (client) => sendWith(client, 'q1', 3000, 1),
  },
  {
    name: 'send, 100 in flight',
    reference: [8800, 9500],
    run: (client) => sendWith(client, 'q2', 12_000, 100),
  },
  {
    name: `send batches of ${batchSize}`,
    reference: [19_000, 25_000],
    run: (client) => sendBatches(client, 'q3', 20_000),
  },
  {
    name: 'receive and delete, by 500',
    reference: [9400, 13_600],
    run: (client) => receiveAndDelete(client, 'q3', 15_000),
  },
  {
    name: 'receive by 200 and complete each',
    reference: [7100, 8100],
    run: (client) => receiveAndComplete(client, 'q2', 10_000),
  },
  {
    name: 'subscribe, concurrency 1',
    reference: [1700, 2200],
    run: (client) => subscribe(client, 'q4', 3000, 1),
  },
  {
    name: 'subscribe, concurrency 10',
    reference: [5400, 6500],
    run: (client) => subscribe(client, 'q5', 8000, 10),
  },
  {
    name: 'subscribe, concurrency 100',
    reference: [11_000, 13_600],
    run: (client) => subscribe(client, 'q6', 15_000, 100),
  },
  {
    name: 'publish to a topic with 3 subscriptions',
    reference: [16_000, 25_000],
    run: (client) => sendBatches(client, 't1', 15_000),
  },
];

if (process.argv[2] === 'broker') await runBroker();
else await runMeasures();

async function runBroker(): Promise<void> {
  const clock = new MovableClock();
  const context = { clock, faults: new Faults(), history: new RequestHistory(() => clock.now()) };
  const queues = ['q1', 'q2', 'q3', 'q4', 'q5', 'q6'].map((Name) => ({ Name }));
  const Subscriptions = ['s1', 's2', 's3'].map((Name) => ({ Name }));
  const Namespaces: [object] = [{ Name: 'bench', Queues: queues, Topics: [{ Name: 't1', Subscriptions }] }];
  const config = { UserConfig: { Namespaces } } as Parameters<typeof startServiceBus>[0]['config'];
  const bus = await startServiceBus({ address: { host: '127.0.0.1', port: 0 }, context, config });
  process.send?.(bus.environment.SERVICE_BUS_EMULATOR_CONNECTION_STRING);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: (user + system) / 1e6, resident: process.memoryUsage().rss / 2 ** 30 });
  });
}

async function runMeasures(): Promise<void> {
  const [load = 0] = loadavg();
  const broker = fork(import.meta.filename, ['broker']);
  const [connectionString] = (await once(broker, 'message')) as [string];
  print(`messages per second, best of ${rounds}`, 'here', 'prototype', 'ratio');
  const best = measures.map(() => 0);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, measure] of measures.entries())
      best[index] = Math.max(best[index] ?? 0, await rateOf(measure, connectionString));
  for (const [index, { name, reference }] of measures.entries()) {
    const rate = best[index] ?? 0;
    const ratio = rate / ((reference[0] + reference[1]) / 2);
    print(name, rate.toFixed(0), `${reference[0]} - ${reference[1]}`, ratio.toFixed(2));
  }
  broker.send('usage');
  const [{ cpu, resident }] = (await once(broker, 'message')) as [{ cpu: number; resident: number }];
  process.stdout.write(`\nbroker: ${cpu.toFixed(1)} CPU s, ${resident.toFixed(2)} GB resident\n`);
  process.stdout.write(`load average of the machine in the minute before: ${load.toFixed(1)}\n`);
  broker.kill();
}

async function rateOf({ run }: Measure, connectionString: string): Promise<number> {
  const client = new ServiceBusClient(connectionString);
  const { messages, milliseconds } = await run(client);
  await client.close();
  return (1000 * messages) / milliseconds;
}

function print(name: string, rate: string, reference: string, ratio: string): void {
  process.stdout.write(
    `${name.padEnd(40)} ${rate.padStart(8)} ${reference.padStart(16)} ${ratio.padStart(6)}\n`,
  );
}

async function timed(messages: number, work: () => Promise<void>): Promise<Rate> {
  const start = performance.now();
  await work();
  return { messages, milliseconds: performance.now() - start };
}

async function sendWith(
  client: ServiceBusClient,
  queue: string,
  count: number,
  inFlight: number,
): Promise<Rate> {
  const sender = client.createSender(queue);
  await sender.sendMessages(message);
  let left = count;
  const sendOn = async () => {
    for (; left > 0; ) {
      left -= 1;
      await sender.sendMessages(message);
    }
  };
  return timed(count, async () => {
    await Promise.all(Array.from({ length: inFlight }, sendOn));
  });
}

async function sendBatches(client: ServiceBusClient, entity: string, count: number): Promise<Rate> {
  const sender = client.createSender(entity);
  await sender.sendMessages(message);
  return timed(count, () => fill(sender, count));
}

async function fill(sender: ServiceBusSender, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += batchSize)
    await sender.sendMessages(Array.from({ length: batchSize }, () => message));
}

async function receiveAndDelete(client: ServiceBusClient, queue: string, count: number): Promise<Rate> {
  const receiver = client.createReceiver(queue, { receiveMode: 'receiveAndDelete' });
  return timed(count, async () => {
    for (let received = 0; received < count; ) received += (await receiver.receiveMessages(500)).length;
  });
}

async function receiveAndComplete(client: ServiceBusClient, queue: string, count: number): Promise<Rate> {
  const receiver = client.createReceiver(queue);
  return timed(count, async () => {
    for (let received = 0; received < count; ) {
      const messages = await receiver.receiveMessages(batchSize);
      await Promise.all(messages.map((received) => receiver.completeMessage(received)));
      received += messages.length;
    }
  });
}

async function subscribe(
  client: ServiceBusClient,
  queue: string,
  count: number,
  concurrency: number,
): Promise<Rate> {
  await fill(client.createSender(queue), count);
  const receiver = client.createReceiver(queue);
  return timed(count, () => handle(receiver, count, concurrency));
}

function handle(receiver: ServiceBusReceiver, count: number, maxConcurrentCalls: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let handled = 0;
    const processMessage = async () => {
      handled += 1;
      if (handled === count) resolve();
    };
    const processError = async ({ error }: ProcessErrorArgs) => reject(error);
    receiver.subscribe({ processMessage, processError }, { maxConcurrentCalls });
  });
}
