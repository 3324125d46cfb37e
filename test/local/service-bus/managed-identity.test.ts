import { ManagedIdentityCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { MovableClock } from '../../../infra/local/clock.ts';
import { Faults } from '../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../infra/local/control/request-history.ts';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import { startIdentity } from '../../../infra/local/identity/start-identity.ts';
import type { RunningPart } from '../../../infra/local/part.ts';
import {
  type IdentityBus,
  type IdentityGround,
  openIdentityGround,
  startIdentityBus,
} from './identity-bus.ts';
import { receiveOne, withoutRetries } from './start-test-bus.ts';

function identity(digit: number, name: string, ...permissions: string[]): Identity {
  const id = (kind: string) => `${kind}0000000-0000-4000-8000-00000000000${digit}`;
  return { name, clientId: id('a'), objectId: id('b'), resourceId: `/identities/${name}`, permissions };
}

const send = 'Microsoft.ServiceBus/namespaces/messages/send/action';
const receive = 'Microsoft.ServiceBus/namespaces/messages/receive/action';
const app = identity(1, 'app', send, receive);
const receiverOnly = identity(2, 'receiver-only', receive);
const senderOnly = identity(3, 'sender-only', send);
const reader = identity(4, 'reader', 'Microsoft.ServiceBus/namespaces/read');

const entities = {
  Queues: [{ Name: 'orders' }],
  Topics: [{ Name: 'events', Subscriptions: [{ Name: 'all' }] }],
};

let ground: IdentityGround;
let endpoint: RunningPart;
const clock = new MovableClock();

beforeAll(async () => {
  ground = await openIdentityGround([app, receiverOnly, senderOnly, reader]);
  const context = { clock, faults: new Faults(), history: new RequestHistory(() => clock.now()) };
  const address = { host: '127.0.0.1', port: 0 };
  endpoint = await startIdentity({ address, context, accessTokens: ground.accessTokens });
  for (const [name, value] of Object.entries(endpoint.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  clock.close();
  await endpoint.close();
  await ground.close();
});

/** As production code makes it: a namespace from the settings and a managed identity. */
function clientOf({ clientId }: Identity, { namespace }: IdentityBus): ServiceBusClient {
  const client = new ServiceBusClient(
    namespace,
    new ManagedIdentityCredential({ clientId }),
    withoutRetries(),
  );
  onTestFinished(() => client.close());
  return client;
}

const unauthorized = (claim: 'Send' | 'Listen') => ({
  code: 'UnauthorizedAccess',
  message: expect.stringContaining(`Unauthorized access. '${claim}' claim(s) are required`),
});

describe('a managed identity', () => {
  test('sends to queue and topic and receives, over TLS on a port of its own', async () => {
    const bus = await startIdentityBus(ground, entities);
    expect(bus.namespace).toMatch(/^localhost:\d+$/);
    const client = clientOf(app, bus);
    await client.createSender('orders').sendMessages({ body: 'an order' });
    await client.createSender('events').sendMessages({ body: 'an event' });
    const orders = client.createReceiver('orders');
    const order = await receiveOne(orders);
    await orders.completeMessage(order);
    const event = await receiveOne(
      client.createReceiver('events', 'all', { receiveMode: 'receiveAndDelete' }),
    );
    expect([order.body, event.body]).toEqual(['an order', 'an event']);
    expect(bus.bus.heldMessages()).toEqual([]);
    const asked = bus.history.list().filter(({ request }) => /^(send|complete|deliver) /.test(request));
    expect(new Set(asked.map(({ identity }) => identity))).toEqual(new Set(['app']));
  });

  test('without the action for sending is refused when it sends or schedules, and may receive', async () => {
    const bus = await startIdentityBus(ground, entities);
    await bus.createClient().createSender('orders').sendMessages({ body: 'x' });
    const client = clientOf(receiverOnly, bus);
    for (const entity of ['orders', 'events']) {
      const sender = client.createSender(entity);
      await expect(sender.sendMessages({ body: 'y' })).rejects.toMatchObject(unauthorized('Send'));
      await expect(sender.scheduleMessages({ body: 'y' }, new Date())).rejects.toMatchObject(
        unauthorized('Send'),
      );
    }
    expect((await receiveOne(client.createReceiver('orders'))).body).toBe('x');
    expect(bus.bus.heldMessages()).toHaveLength(1);
  });

  test('without the action for receiving is refused when it receives or peeks, and may send', async () => {
    const bus = await startIdentityBus(ground, entities);
    const client = clientOf(senderOnly, bus);
    await client.createSender('orders').sendMessages({ body: 'x' });
    for (const receiver of [client.createReceiver('orders'), client.createReceiver('events', 'all')]) {
      await expect(receiver.receiveMessages(1)).rejects.toMatchObject(unauthorized('Listen'));
      await expect(receiver.peekMessages(1)).rejects.toMatchObject(unauthorized('Listen'));
    }
    expect(bus.bus.heldMessages()).toHaveLength(1);
  });

  test('that may only look at the namespace gets neither', async () => {
    const bus = await startIdentityBus(ground, entities);
    const client = clientOf(reader, bus);
    await expect(client.createSender('orders').sendMessages({ body: 'x' })).rejects.toMatchObject(
      unauthorized('Send'),
    );
    await expect(client.createReceiver('orders').receiveMessages(1)).rejects.toMatchObject(
      unauthorized('Listen'),
    );
  });
});
