import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceBusConnection, ServiceBusMessages } from '../../src/adapters/service-bus-sender.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { rejection } from '../../src/contracts/rejections.ts';
import { start } from '../lifecycle/build.ts';
import { tokenRequestDenied } from './build-events.ts';
import { everythingOf, failureOf, type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

let keyturn: KeyturnCloud;
let messages: ServiceBusMessages;
let receiving: ServiceBusClient;

const onlooker = {
  name: 'onlooker',
  clientId: '0a0a0a0a-0000-4000-8000-000000000009',
  objectId: '0b0b0b0b-0000-4000-8000-000000000009',
  permissions: ['Microsoft.ServiceBus/namespaces/messages/receive/action'],
};

const open = (connection: ServiceBusConnection) =>
  new ServiceBusMessages({
    connection,
    eventsTopic: 'token-events',
    rejectedQueue: 'token-requests-rejected',
    clock: systemClock,
  });
const connect = (connectionString: string) => open({ kind: 'connectionString', connectionString });
const connectAs = (identity: string) =>
  open({
    kind: 'identity',
    namespace: keyturn.cloud.environment.ServiceBus__fullyQualifiedNamespace ?? '',
    credential: keyturn.credential(identity),
  });

beforeAll(async () => {
  keyturn = await startKeyturnCloud('service-bus', 'service-bus', (config) => ({
    ...config,
    identities: [...config.identities, onlooker],
  }));
  const connectionString = keyturn.cloud.environment.SERVICE_BUS_EMULATOR_CONNECTION_STRING ?? '';
  messages = connect(connectionString);
  receiving = new ServiceBusClient(connectionString);
});
afterAll(async () => {
  await messages.close();
  await receiving.close();
  await keyturn.close();
});
afterEach(() => keyturn.cloud.faults.clear());

async function receive(
  entity: readonly [queue: string] | readonly [topic: string, subscription: string],
  /** So many are there; without it, whatever comes within half a second. */
  count?: number,
): Promise<ServiceBusReceivedMessage[]> {
  const [name, subscription] = entity;
  const options = { receiveMode: 'receiveAndDelete' } as const;
  const receiver =
    subscription === undefined
      ? receiving.createReceiver(name, options)
      : receiving.createReceiver(name, subscription, options);
  try {
    return await receiver.receiveMessages(count ?? 10, { maxWaitTimeInMs: count ? 10_000 : 500 });
  } finally {
    await receiver.close();
  }
}

const message = (changes: object = {}) => ({
  messageId: crypto.randomUUID(),
  body: new Uint8Array([0, 255, 123, 10]),
  contentType: 'application/cloudevents+json',
  subject: 'onboarding',
  correlationId: 'order-12',
  properties: { attempt: 2, originalId: 'a', late: true, enqueuedAt: start },
  ...changes,
});

describe('an event', () => {
  it('is published as a CloudEvent, with what subscriptions filter by beside it', async () => {
    const sent = tokenRequestDenied('event-1');
    await messages.publish(sent);
    const [received] = await receive(['token-events', 'alerts']);
    expect(received).toMatchObject({
      messageId: 'event-1',
      contentType: 'application/cloudevents+json',
      subject: 'contoso/team-web',
      applicationProperties: {
        type: 'keyturn.token.request-denied',
        severity: 'warning',
        registry: 'contoso',
        token: 'team-web',
        entrance: 'token-requests',
      },
    });
    expect(received?.body).toEqual(sent);
  });

  it('that is published twice arrives once', async () => {
    await receive(['token-events', 'archive']);
    await messages.publish(tokenRequestDenied('event-2'));
    await messages.publish(tokenRequestDenied('event-2'));
    const received = await receive(['token-events', 'archive']);
    expect(received.map(({ messageId }) => messageId)).toEqual(['event-2']);
  });
});

describe('a copy of a message', () => {
  it('is handed out from its time on, byte by byte with its properties', async () => {
    const copy = message();
    const inAnHour = new Date((await dateOfCloud()).getTime() + 3_600_000).toISOString();
    await messages.sendLater('token-requests', copy, inAnHour);
    expect(await receive(['token-requests'])).toEqual([]);
    await keyturn.cloud.clock.advance(3_600_000);
    const [received] = await receive(['token-requests'], 1);
    expect(received?.messageId).toBe(copy.messageId);
    expect(received?.applicationProperties).toEqual(copy.properties);
    const { contentType, subject, correlationId } = copy;
    expect(received).toMatchObject({ contentType, subject, correlationId });
    expect(new Uint8Array(received?.body)).toEqual(copy.body);
  });

  it('without anything beside its body is sent at once', async () => {
    const bare = { contentType: undefined, subject: undefined, correlationId: undefined, properties: {} };
    await messages.send('token-requests', message(bare));
    const [received] = await receive(['token-requests'], 1);
    expect([received?.contentType, received?.subject, received?.correlationId]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a message that is set aside', () => {
  it('keeps its bytes and properties, and says why', async () => {
    const aside = message();
    await messages.setAside(aside, rejection('notJson'));
    const [received] = await receive(['token-requests-rejected'], 1);
    expect(new Uint8Array(received?.body)).toEqual(aside.body);
    expect(received).toMatchObject({ subject: 'onboarding', correlationId: 'order-12' });
    expect(received?.applicationProperties).toEqual({
      ...aside.properties,
      rejectionReason: 'notJson',
      rejectionDescription: 'the body is not JSON in UTF-8',
    });
  });

  it.each([1e49, -1e308, 2 ** 53, 2 ** 64])(
    'keeps as text a number that the client cannot write: %d',
    async (large) => {
      await messages.setAside(message({ properties: { large, small: 2 ** 53 - 1 } }), rejection('notJson'));
      const [received] = await receive(['token-requests-rejected'], 1);
      expect(received?.applicationProperties).toMatchObject({ large: String(large), small: 2 ** 53 - 1 });
    },
  );
});

describe('sending', () => {
  it('survives a dropped connection', async () => {
    await messages.send('registry-activity', message());
    keyturn.inject({ kind: 'drop', when: 'before' }, '^send registry-activity$');
    await messages.send('registry-activity', message());
    expect(await receive(['registry-activity'], 2)).toHaveLength(2);
  });

  it.each([
    [{ kind: 'throttle' }, 'throttled'],
    [{ kind: 'fail', code: 'amqp:resource-limit-exceeded' }, 'limitReached'],
    [{ kind: 'fail', code: 'amqp:unauthorized-access' }, 'accessDenied'],
  ] as const)('that meets %o fails as %s', async (effect, code) => {
    keyturn.inject(effect, '^send alert-deliveries$', 9);
    const failure = await failureOf(messages.send('alert-deliveries', message()));
    expect(failure).toMatchObject({ service: 'serviceBus', operation: 'send', code });
  });

  it('to a queue that does not exist is not found', async () => {
    expect(await failureOf(messages.send('nowhere', message()))).toMatchObject({ code: 'notFound' });
  });

  it('of more than the queue takes is too large', async () => {
    const large = message({ body: new Uint8Array(300_000) });
    expect(await failureOf(messages.send('token-requests', large))).toMatchObject({ code: 'tooLarge' });
  });

  it('to a namespace that nobody answers for fails in time, and tells no key', async () => {
    const nowhere = connect(
      'Endpoint=sb://localhost:9;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SECRETKEY;UseDevelopmentEmulator=true',
    );
    const failure = await failureOf(nowhere.send('token-requests', message()));
    expect(failure.code).toBe('unavailable');
    expect(everythingOf(failure)).not.toContain('SECRETKEY');
    await nowhere.close();
  });
});

describe('an identity', () => {
  it('with no more permissions than Keyturn is given publishes, sends, sets aside and sends later', async () => {
    const byIdentity = connectAs('keyturn');
    keyturn.cloud.history.clear();
    await byIdentity.publish(tokenRequestDenied('by-identity'));
    await byIdentity.send('alert-deliveries', message());
    await byIdentity.setAside(message(), rejection('notJson'));
    await byIdentity.sendLater('token-requests', message(), (await dateOfCloud()).toISOString());
    await byIdentity.close();
    const sent = keyturn.cloud.history.list().filter(({ request }) => request.startsWith('send '));
    expect(sent.map(({ request, identity }) => `${identity}: ${request}`)).toEqual([
      'keyturn: send token-events',
      'keyturn: send alert-deliveries',
      'keyturn: send token-requests-rejected',
      'keyturn: send token-requests',
    ]);
    expect(await receive(['token-events', 'archive'], 1)).toMatchObject([{ messageId: 'by-identity' }]);
    for (const queue of ['alert-deliveries', 'token-requests-rejected', 'token-requests'])
      expect(await receive([queue], 1)).toHaveLength(1);
  });

  it('that may not send is denied', async () => {
    const byOnlooker = connectAs('onlooker');
    expect(await failureOf(byOnlooker.send('alert-deliveries', message()))).toMatchObject({
      service: 'serviceBus',
      operation: 'send',
      code: 'accessDenied',
    });
    await byOnlooker.close();
  });
});

async function dateOfCloud(): Promise<Date> {
  return keyturn.cloud.clock.now();
}
