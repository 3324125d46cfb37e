import { once } from 'node:events';
import { connect } from 'node:net';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import {
  type IdentityBus,
  type IdentityGround,
  openIdentityGround,
  startIdentityBus,
} from './identity-bus.ts';
import {
  attachReceiver,
  attachSender,
  connectRaw,
  sharedAccessSignature,
  tokenProperties,
} from './raw-amqp-client.ts';
import { receiveOne, startTestBus, withoutRetries } from './start-test-bus.ts';

const everything: Identity = {
  name: 'everything',
  clientId: '11111111-1111-4111-8111-111111111111',
  objectId: '11111111-1111-4111-8111-111111111112',
  permissions: ['Microsoft.ServiceBus/*'],
};
const sendOnly: Identity = {
  name: 'send-only',
  clientId: '22222222-2222-4222-8222-222222222221',
  objectId: '22222222-2222-4222-8222-222222222222',
  permissions: ['Microsoft.ServiceBus/*/send/action'],
};

let ground: IdentityGround;
beforeAll(async () => {
  ground = await openIdentityGround([everything, sendOnly]);
});
afterAll(() => ground.close());

/** A client as production code makes it: a namespace and a credential. */
function createIdentityClient(
  { namespace }: IdentityBus,
  identity: Identity,
  resource = 'https://servicebus.azure.net',
) {
  const getToken = async () => {
    const { accessToken, expiresOn } = await ground.accessTokens.mint(identity, resource);
    return { token: accessToken, expiresOnTimestamp: expiresOn * 1000 };
  };
  const client = new ServiceBusClient(namespace, { getToken }, withoutRetries());
  onTestFinished(() => client.close());
  return client;
}

test('lets a client with an identity in over TLS, and remembers whose requests they were', async () => {
  const started = await startIdentityBus(ground);
  const client = createIdentityClient(started, everything);
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders');
  await receiver.completeMessage(await receiveOne(receiver));
  const records = started.history.list().filter(({ request }) => /^(send|complete) /.test(request));
  expect(records.map(({ request, identity }) => [request, identity])).toEqual([
    ['send orders', 'everything'],
    ['complete orders', 'everything'],
  ]);
});

test('refuses an access token that was minted for another service', async () => {
  const client = createIdentityClient(await startIdentityBus(ground), everything, 'https://vault.azure.net');
  await expect(client.createSender('orders').sendMessages({ body: 'x' })).rejects.toMatchObject({
    code: 'UnauthorizedAccess',
  });
});

test('lets an identity do what its permissions say, and no more', async () => {
  const client = createIdentityClient(await startIdentityBus(ground), sendOnly);
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders');
  await expect(receiver.receiveMessages(1)).rejects.toMatchObject({ code: 'UnauthorizedAccess' });
  await expect(receiver.peekMessages(1)).rejects.toMatchObject({ code: 'UnauthorizedAccess' });
});

test('refuses every access token when it is given no one to ask', async () => {
  const { port } = await startTestBus();
  const { accessToken } = await ground.accessTokens.mint(everything, 'https://servicebus.azure.net');
  const { request } = await connectRaw(port);
  const reply = await request('$cbs', {
    body: accessToken,
    application_properties: tokenProperties('sb://localhost/orders', 'jwt'),
  });
  expect(reply.applicationProperties.get('status-code')).toEqual({ type: 'int', value: 401 });
});

test('accepts a ready-made shared access signature', async () => {
  const { connectionString } = await startTestBus();
  const endpoint = connectionString.split(';')[0];
  const signature = sharedAccessSignature('sb://localhost/');
  const client = new ServiceBusClient(
    `${endpoint};SharedAccessSignature=${signature};UseDevelopmentEmulator=true`,
    withoutRetries(),
  );
  onTestFinished(() => client.close());
  await client.createSender('orders').sendMessages({ body: 'x' });
});

const audience = 'sb://localhost/orders';

test.each([
  ['another key', sharedAccessSignature(audience, { key: 'other' })],
  ['another policy', sharedAccessSignature(audience, { name: 'Other' })],
  ['an expiry in the past', sharedAccessSignature(audience, { expiry: Math.floor(Date.now() / 1000) - 10 })],
  ['an expiry that is no number', sharedAccessSignature(audience, { expiry: Number.NaN })],
  ['no signature', 'SharedAccessSignature sr=a&se=99999999999&skn=RootManageSharedAccessKey'],
  ['no form at all', 'nonsense'],
  ['no token at all', ''],
])('refuses a shared access signature with %s', async (_, token) => {
  const { port } = await startTestBus();
  const { connection, request } = await connectRaw(port);
  const reply = await request('$cbs', { body: token, application_properties: tokenProperties(audience) });
  expect(reply.applicationProperties.get('status-code')).toEqual({ type: 'int', value: 401 });
  await expect(attachReceiver(connection, { source: 'orders' })).rejects.toMatchObject({
    condition: 'amqp:unauthorized-access',
  });
});

test('refuses links of clients that have shown no token', async () => {
  const { port } = await startTestBus();
  const { connection } = await connectRaw(port);
  const unauthorized = { condition: 'amqp:unauthorized-access' };
  await expect(attachReceiver(connection, { source: 'orders' })).rejects.toMatchObject(unauthorized);
  await expect(attachSender(connection, { target: 'orders' })).rejects.toMatchObject(unauthorized);
  await expect(attachSender(connection, { target: 'orders/$management' })).rejects.toMatchObject(
    unauthorized,
  );
});

test('tells the official client that its key is wrong', async () => {
  const { connectionString } = await startTestBus();
  const wrong = connectionString.replace('SAS_KEY_VALUE', 'another');
  const client = new ServiceBusClient(wrong, withoutRetries());
  onTestFinished(() => client.close());
  await expect(client.createSender('orders').sendMessages({ body: 'x' })).rejects.toMatchObject({
    code: 'UnauthorizedAccess',
  });
});

test('does not speak AMQP without TLS on the port for TLS', async () => {
  const { bus } = await startIdentityBus(ground);
  const port = Number(new URL(bus.endpoints['service-bus-tls'] ?? '').port);
  const socket = connect({ host: '127.0.0.1', port });
  const received: Buffer[] = [];
  socket.on('data', (bytes) => received.push(bytes));
  socket.end(Buffer.from('AMQP\x03\x01\x00\x00', 'latin1'));
  await once(socket, 'close');
  expect(Buffer.concat(received).toString('latin1')).not.toContain('AMQP');
});
