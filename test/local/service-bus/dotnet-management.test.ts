import rhea from 'rhea';
import { expect, test } from 'vitest';
import { connectAsDotnet, receiveLocked, sendAsDotnet } from './dotnet-client.ts';
import type { RawAmqpClient } from './raw-amqp-client.ts';
import { startTestBus } from './start-test-bus.ts';
import { entriesOf, itemsOf } from './wire-message.ts';

/** Management requests as the Functions extension's client writes them, and the types that it insists on in the answers. */

const { types } = rhea;

const serverTimeout = { 'com.microsoft:server-timeout': types.wrap_uint(30_000) };

function ask(client: RawAmqpClient, operation: string, body: object, node = 'orders/$management') {
  return client.request(node, {
    application_properties: { operation: `com.microsoft:${operation}`, ...serverTimeout },
    body,
  });
}

function guid(tag: Buffer): Buffer {
  const bytes = Buffer.from(tag);
  for (const [start, end] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ] as const)
    bytes.subarray(start, end).reverse();
  return bytes;
}

test('answers management requests with true arrays, and statuses as ints', async () => {
  const { port } = await startTestBus();
  const client = await connectAsDotnet(port);
  await sendAsDotnet(client.connection, { message_id: 'id', body: 'x' });
  const { delivery } = await receiveLocked(client.connection);

  const renewed = await ask(client, 'renew-lock', {
    'lock-tokens': types.wrap_array([guid(delivery.tag as Buffer)], 0x98, undefined),
  });
  expect(renewed.applicationProperties.get('statusCode')).toEqual({ type: 'int', value: 200 });
  const expirations = entriesOf(renewed.body).get('expirations');
  expect(expirations?.type).toBe('array');
  expect(itemsOf(expirations).map(({ type }) => type)).toEqual(['timestamp']);
  expect(renewed.properties[5]?.value).toMatch(/^request-/);

  const due = types.wrap_timestamp(Date.now() + 3_600_000);
  const later = rhea.message.encode({
    message_annotations: { 'x-opt-scheduled-enqueue-time': due },
    body: 'later',
  });
  const scheduled = await ask(client, 'schedule-message', {
    messages: [{ 'message-id': 'm', message: later }],
  });
  const numbers = entriesOf(scheduled.body).get('sequence-numbers');
  expect(numbers).toEqual({ type: 'array', value: [{ type: 'long', value: 2 }] });

  const peeked = await ask(client, 'peek-message', {
    'from-sequence-number': types.wrap_long(1),
    'message-count': types.wrap_int(10),
  });
  const messages = itemsOf(entriesOf(peeked.body).get('messages')).map((item) =>
    entriesOf(item).get('message'),
  );
  expect(messages.map((message) => message?.type)).toEqual(['binary', 'binary']);

  const cancelled = await ask(client, 'cancel-scheduled-message', {
    'sequence-numbers': types.wrap_array([2], 0x81, undefined),
  });
  expect(cancelled.applicationProperties.get('statusCode')?.value).toBe(200);
});

test('uses all of the locks that a request names, or none', async () => {
  const { port, bus } = await startTestBus();
  const client = await connectAsDotnet(port);
  await sendAsDotnet(client.connection, { message_id: 'id', body: 'x' });
  const { delivery } = await receiveLocked(client.connection);
  const held = guid(delivery.tag as Buffer);
  const complete = (...tokens: Buffer[]) =>
    ask(client, 'update-disposition', {
      'disposition-status': 'completed',
      'lock-tokens': types.wrap_array(tokens, 0x98, undefined),
    });
  const refused = await complete(held, Buffer.alloc(16, 1));
  expect(refused.applicationProperties.get('statusCode')?.value).toBe(410);
  expect(bus.heldMessages()).toHaveLength(1);
  const done = await complete(held);
  expect(done.applicationProperties.get('statusCode')?.value).toBe(200);
  expect(bus.heldMessages()).toEqual([]);
});

test('says nothing is there with 204', async () => {
  const { port } = await startTestBus();
  const client = await connectAsDotnet(port);
  const peeked = await ask(client, 'peek-message', {
    'from-sequence-number': types.wrap_long(1),
    'message-count': types.wrap_int(1),
  });
  expect(peeked.applicationProperties.get('statusCode')).toEqual({ type: 'int', value: 204 });
});

test('gives the condition of a management error as a symbol', async () => {
  const { port } = await startTestBus();
  const client = await connectAsDotnet(port);
  const reply = await ask(client, 'renew-lock', {
    'lock-tokens': types.wrap_array([Buffer.alloc(16, 1)], 0x98, undefined),
  });
  expect(reply.applicationProperties.get('statusCode')).toEqual({ type: 'int', value: 410 });
  expect(reply.applicationProperties.get('errorCondition')).toEqual({
    type: 'symbol',
    value: 'com.microsoft:message-lock-lost',
  });
});

test.each([
  'renew-session-lock',
  'get-session-state',
  'receive-by-sequence-number',
  'add-rule',
  'unheard-of',
  '',
])('refuses the operation "%s" as not implemented', async (operation) => {
  const { port } = await startTestBus();
  const reply = await ask(await connectAsDotnet(port), operation, {});
  expect(reply.applicationProperties.get('statusCode')).toEqual({ type: 'int', value: 501 });
  expect(reply.applicationProperties.get('errorCondition')?.value).toBe('amqp:not-implemented');
});
