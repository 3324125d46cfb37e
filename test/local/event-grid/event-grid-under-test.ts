import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import type { RunningEventGrid } from '../../../infra/local/event-grid/start-event-grid.ts';
import { type EventGridOptions, startEventGrid } from '../../../infra/local/event-grid/start-event-grid.ts';
import {
  type RunningServiceBus,
  startServiceBus,
} from '../../../infra/local/service-bus/start-service-bus.ts';
import {
  group,
  type RegistryUnderTest,
  registryId,
  startRegistryUnderTest,
} from '../registry/registry-under-test.ts';

/** A message of the queue as the official client gives it, its body in bytes. */
export type ReportMessage = ServiceBusReceivedMessage & { body: Buffer };

export interface EventGridUnderTest {
  readonly registry: RegistryUnderTest;
  readonly bus: RunningServiceBus;
  readonly eventGrid: RunningEventGrid;
  /** Takes so many messages from the queue, as soon as they are there. */
  take(count: number): Promise<ReportMessage[]>;
  /** Lets an hour go by, and takes all that has come. */
  takeAll(): Promise<ReportMessage[]>;
  /** Forgets everything. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const queue = 'registry-activity';
const queues = [{ Name: queue, Properties: { DefaultMessageTimeToLive: 'P14D' } }];

/** A registry, a Service Bus and Event Grid between them, on one clock. */
export async function startEventGridUnderTest(
  config: NonNullable<EventGridOptions['config']> = {},
): Promise<EventGridUnderTest> {
  const registry = await startRegistryUnderTest();
  const { cloud } = registry;
  const bus = await startServiceBus({
    address: { host: '127.0.0.1', port: 0 },
    context: cloud,
    config: { UserConfig: { Namespaces: [{ Name: 'sbemulatorns', Queues: queues }] } },
  });
  const eventGrid = startEventGrid({ config, context: cloud, registry: registry.running, serviceBus: bus });
  const client = new ServiceBusClient(bus.environment.SERVICE_BUS_EMULATOR_CONNECTION_STRING ?? '');
  const receiver = client.createReceiver(queue, {
    receiveMode: 'receiveAndDelete',
    skipParsingBodyAsJson: true,
  });
  const take = async (count: number) => {
    const messages: ReportMessage[] = [];
    for (const deadline = Date.now() + 20_000; messages.length < count; ) {
      if (Date.now() > deadline) throw new Error(`Only ${messages.length} of ${count} messages came`);
      messages.push(...(await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 1_000 })));
    }
    return messages;
  };
  return {
    registry,
    bus,
    eventGrid,
    take,
    takeAll: async () => {
      await cloud.clock.advance(3_600_000);
      return take(bus.heldMessages().length);
    },
    reset: async () => {
      cloud.faults.clear();
      registry.running.reset();
      await eventGrid.reset();
      await bus.reset();
    },
    close: async () => {
      await client.close();
      await eventGrid.close();
      await bus.close();
      await registry.close();
    },
  };
}

/** The event that is alone in a message. */
export function eventIn({
  body,
}: ReportMessage): Record<string, unknown> & { data: Record<string, unknown> } {
  return JSON.parse(body.toString('utf8'));
}

/** Operation and resource of an event, without what all of them begin with. */
export function summary(message: ReportMessage): string {
  const { operationName, resourceUri } = eventIn(message).data as Record<
    'operationName' | 'resourceUri',
    string
  >;
  const operation = operationName.replace('Microsoft.ContainerRegistry/registries/', '');
  return `${operation} ${resourceUri.slice(registryId.length)}`.trim();
}

/** Every change that a registry reports, in this order, by the official client. */
export async function doEverything({ registry }: EventGridUnderTest): Promise<void> {
  const { scopeMaps, tokens, registries } = registry.client();
  const { id = '' } = await scopeMaps.create(group, 'contoso', 'first-map', { actions: [] });
  await scopeMaps.update(group, 'contoso', 'first-map', { description: 'changed' });
  await tokens.create(group, 'contoso', 'first-token', { scopeMapId: id });
  await tokens.update(group, 'contoso', 'first-token', { status: 'disabled' });
  await registries.generateCredentials(group, 'contoso', { tokenId: `${registryId}/tokens/first-token` });
  await tokens.delete(group, 'contoso', 'first-token');
  await scopeMaps.delete(group, 'contoso', 'first-map');
  await registries.update(group, 'contoso', { adminUserEnabled: true });
  await registries.listCredentials(group, 'contoso');
  await registries.regenerateCredential(group, 'contoso', { name: 'password' });
  await registries.delete(group, 'contoso');
  await registries.create(group, 'contoso', { location: 'westeurope', sku: { name: 'Premium' } });
}
