import {
  ServiceBusClient,
  type ServiceBusClientOptions,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import { onTestFinished } from 'vitest';
import { MovableClock } from '../../../infra/local/clock.ts';
import { Faults } from '../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../infra/local/control/request-history.ts';
import type { EmulatorConfig } from '../../../infra/local/service-bus/emulator-config.ts';
import {
  type RunningServiceBus,
  type ServiceBusOptions,
  startServiceBus,
} from '../../../infra/local/service-bus/start-service-bus.ts';

type NamespaceInput = EmulatorConfig['UserConfig']['Namespaces'][0];

export interface TestBus {
  readonly bus: RunningServiceBus;
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly history: RequestHistory;
  readonly connectionString: string;
  readonly port: number;
  /** The official client, which tells failures at once instead of trying again for minutes. */
  createClient(options?: ServiceBusClientOptions): ServiceBusClient;
}

/** Starts a Service Bus for one test, with queue `orders` or the entities given, and ends it with the test. */
export async function startTestBus(
  entities: Partial<NamespaceInput> = { Queues: [{ Name: 'orders' }] },
  options: Partial<ServiceBusOptions> = {},
): Promise<TestBus> {
  const clock = new MovableClock();
  const faults = new Faults();
  const history = new RequestHistory(() => clock.now());
  const bus = await startServiceBus({
    address: { host: '127.0.0.1', port: 0 },
    context: { clock, faults, history },
    config: { UserConfig: { Namespaces: [{ Name: 'sbemulatorns', ...entities }] } },
    ...options,
  });
  const connectionString = bus.environment.SERVICE_BUS_EMULATOR_CONNECTION_STRING ?? '';
  const clients: ServiceBusClient[] = [];
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await bus.close();
    clock.close();
  });
  return {
    bus,
    clock,
    faults,
    history,
    connectionString,
    port: Number(new URL(bus.endpoints['service-bus'] ?? '').port),
    createClient: (clientOptions) => {
      const client = new ServiceBusClient(connectionString, withoutRetries(clientOptions));
      clients.push(client);
      return client;
    },
  };
}

export function withoutRetries(options: ServiceBusClientOptions = {}): ServiceBusClientOptions {
  return { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 }, ...options };
}

/** Receives one message, which has to be there. */
export async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
  if (!message) throw new Error(`No message came from ${receiver.entityPath}`);
  return message;
}

/** Receives all messages that are there now. */
export function receiveAll(receiver: ServiceBusReceiver, count = 100): Promise<ServiceBusReceivedMessage[]> {
  return receiver.receiveMessages(count, { maxWaitTimeInMs: 100 });
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
