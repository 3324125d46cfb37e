import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { MovableClock } from '../../../../infra/local/clock.ts';
import { Faults } from '../../../../infra/local/control/faults.ts';
import { RequestHistory } from '../../../../infra/local/control/request-history.ts';
import type { Identity } from '../../../../infra/local/identity/identities.ts';
import { startIdentity } from '../../../../infra/local/identity/start-identity.ts';
import type { RunningPart } from '../../../../infra/local/part.ts';
import {
  type IdentityBus,
  type IdentityGround,
  openIdentityGround,
  startIdentityBus,
} from '../../service-bus/identity-bus.ts';
import { receiveOne } from '../../service-bus/start-test-bus.ts';
import { startTestHost, type TestHost } from '../support/start-test-host.ts';

const send = 'Microsoft.ServiceBus/namespaces/messages/send/action';
const receive = 'Microsoft.ServiceBus/namespaces/messages/receive/action';

function identity(digit: number, name: string, permissions: string[], resourceId?: string): Identity {
  const id = (kind: string) => `${kind}0000000-0000-4000-8000-00000000000${digit}`;
  return {
    name,
    clientId: id('a'),
    objectId: id('b'),
    permissions,
    ...(resourceId ? { resourceId } : {}),
  };
}

const system = identity(1, 'system', [send, receive]);
const app = identity(2, 'app', [send, receive], '/identities/app');
const receiverOnly = identity(3, 'receiver-only', [receive], '/identities/receiver-only');
const senderOnly = identity(4, 'sender-only', [send], '/identities/sender-only');

const entities = {
  Queues: [{ Name: 'in' }, { Name: 'out' }],
  Topics: [{ Name: 'events', Subscriptions: [{ Name: 'all' }] }],
};
const files = {
  'app.mjs': `
    import { app, output } from '@azure/functions';
    const events = output.serviceBusTopic({ topicName: 'events', connection: 'Bus' });
    app.serviceBusQueue('pass', { queueName: 'in', connection: 'Bus', extraOutputs: [events],
      return: output.serviceBusQueue({ queueName: 'out', connection: 'Bus' }),
      handler: (message, context) => { context.extraOutputs.set(events, 'event of ' + message); return 'order of ' + message; } });`,
  'host.json': { version: '2.0', extensions: { serviceBus: { clientRetryOptions: { maxRetries: 0 } } } },
};

let ground: IdentityGround;
let endpoint: RunningPart;
const clock = new MovableClock();

beforeAll(async () => {
  ground = await openIdentityGround([system, app, receiverOnly, senderOnly]);
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

/** A host whose app's connection `Bus` is by identity; the system-assigned one when none is named. */
async function startHost(clientId?: string): Promise<{ bus: IdentityBus; host: TestHost }> {
  const bus = await startIdentityBus(ground, entities);
  const host = await startTestHost(files, {
    clock,
    environment: {
      Bus__fullyQualifiedNamespace: bus.namespace,
      ...(clientId ? { Bus__clientId: clientId, Bus__credential: 'managedidentity' } : {}),
    },
  });
  onTestFinished(() => host.close());
  return { bus, host };
}

/** Who did what, of the app’s doings. */
function doings({ history }: IdentityBus, pattern: RegExp): Set<string> {
  const asked = history
    .list()
    .filter(({ request, identity }) => identity !== undefined && pattern.test(request));
  return new Set(asked.map(({ request, identity }) => `${identity}: ${request}`));
}

describe('a connection by identity', () => {
  test.each([
    ['the user-assigned identity that is named', app],
    ['the system-assigned identity when none is named', system],
  ])('receives for the trigger and sends outputs as %s', async (_, { name, clientId, resourceId }) => {
    const { bus } = await startHost(resourceId ? clientId : undefined);
    const client = bus.createClient();
    await client.createSender('in').sendMessages({ body: 'x' });
    const order = await receiveOne(client.createReceiver('out', { receiveMode: 'receiveAndDelete' }));
    const event = await receiveOne(
      client.createReceiver('events', 'all', { receiveMode: 'receiveAndDelete' }),
    );
    expect([String(order.body), String(event.body)]).toEqual(['order of x', 'event of x']);
    await expect.poll(() => bus.bus.heldMessages(), { timeout: 10_000 }).toEqual([]);
    expect(doings(bus, /^(deliver|send|complete) /)).toEqual(
      new Set([`${name}: deliver in`, `${name}: send out`, `${name}: send events`, `${name}: complete in`]),
    );
  });

  test('that may not send fails the run whose outputs it cannot send, and loses no message', async () => {
    const { bus, host } = await startHost(receiverOnly.clientId);
    await bus.createClient().createSender('in').sendMessages({ body: 'x' });
    await host.log.until('a run', () => host.log.runsOf('pass').length >= 1);
    expect(host.log.runsOf('pass')[0]).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining("'Send' claim(s) are required"),
    });
    expect(bus.bus.heldMessages().map(({ entity }) => entity)).toEqual([expect.stringMatching(/^in\b/)]);
  });

  test('that may not receive runs nothing, says why in the log and leaves the message where it is', async () => {
    const { bus, host } = await startHost(senderOnly.clientId);
    await bus.createClient().createSender('in').sendMessages({ body: 'x' });
    const refusal = await host.log.line('the refusal', ({ message }) =>
      message.includes("'Listen' claim(s) are required"),
    );
    expect(refusal).toMatchObject({ level: 'warning', category: 'Host.Triggers.ServiceBus' });
    expect(host.log.runsOf('pass')).toEqual([]);
    expect(bus.bus.heldMessages().map(({ entity }) => entity)).toEqual(['in']);
  });
});
