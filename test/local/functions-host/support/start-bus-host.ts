import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { MovableClock } from '../../../../infra/local/clock.ts';
import { Faults } from '../../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../../infra/local/control/request-history.ts';
import type { EmulatorConfig } from '../../../../infra/local/service-bus/emulator-config.ts';
import { startServiceBus } from '../../../../infra/local/service-bus/start-service-bus.ts';
import { startTestHost, type TestHost } from './start-test-host.ts';

export interface BusHost {
  readonly host: TestHost;
  readonly client: ServiceBusClient;
  readonly faults: Faults;
  /** The clock of broker and host. */
  readonly clock: MovableClock;
  send(entity: string, ...messages: ServiceBusMessage[]): Promise<void>;
  /** How many messages an entity such as `orders` or `orders/$deadletterqueue` still holds. */
  held(entity: string): Promise<number>;
  receive(entity: string, count: number): Promise<ServiceBusReceivedMessage[]>;
  close(): Promise<void>;
}

/** Starts a local Service Bus with these entities, and a host whose app's connection `Bus` leads to it. */
export async function startBusHost(
  entities: Partial<EmulatorConfig['UserConfig']['Namespaces'][0]>,
  code: string,
  serviceBus: object = {},
): Promise<BusHost> {
  const clock = new MovableClock();
  const faults = new Faults();
  const bus = await startServiceBus({
    address: { host: '127.0.0.1', port: 0 },
    context: { clock, faults, history: new RequestHistory(() => clock.now()) },
    config: { UserConfig: { Namespaces: [{ Name: 'sbemulatorns', ...entities }] } },
  });
  const connectionString = bus.environment.SERVICE_BUS_EMULATOR_CONNECTION_STRING ?? '';
  const host = await startTestHost(
    {
      'app.mjs': `import { app, output } from '@azure/functions';\n${code}`,
      'host.json': { version: '2.0', extensions: { serviceBus } },
    },
    { clock, environment: { Bus: connectionString } },
  );
  const client = new ServiceBusClient(connectionString);
  return {
    host,
    client,
    faults,
    clock,
    async send(entity, ...messages) {
      const sender = client.createSender(entity);
      await sender.sendMessages(messages);
      await sender.close();
    },
    async held(entity) {
      const receiver = client.createReceiver(entity);
      const messages = await receiver.peekMessages(100);
      await receiver.close();
      return messages.length;
    },
    async receive(entity, count) {
      const receiver = client.createReceiver(entity, {
        receiveMode: 'receiveAndDelete',
        skipParsingBodyAsJson: true,
      });
      const messages: ServiceBusReceivedMessage[] = [];
      while (messages.length < count)
        messages.push(...(await receiver.receiveMessages(count - messages.length)));
      await receiver.close();
      return messages;
    },
    async close() {
      await host.close();
      await client.close();
      await bus.close();
      clock.close();
    },
  };
}
