import { once } from 'node:events';
import fc from 'fast-check';
import rhea, { type EventContext } from 'rhea';
import { expect, test } from 'vitest';
import { amqpValue } from './amqp-values.ts';
import { silenceRhea, startWithBystander } from './bystander.ts';
import { attachReceiver, attachSender, connectRaw, type RawAmqpClient } from './raw-amqp-client.ts';
import { startTestBus } from './start-test-bus.ts';

silenceRhea();

test('refuses messages that cannot be decoded, and keeps the link', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const { connection, putToken } = await connectRaw(started.port);
  await putToken('sb://localhost/orders');
  const sender = await attachSender(connection, { target: 'orders' });
  const isSection = (bytes: Uint8Array) => bytes.length === 0 || bytes[0] === 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 200 }).filter((bytes) => !isSection(bytes)),
      fc.constantFrom(0, 0x80013700),
      async (bytes, format) => {
        const delivery = sender.send(Buffer.from(bytes), undefined, format);
        const [{ delivery: answered }] = (await once(sender, 'rejected')) as [EventContext];
        expect(answered).toBe(delivery);
        expect(delivery.remote_state?.error.condition).toBe('amqp:decode-error');
      },
    ),
    { numRuns: 300 },
  );
  expect(started.bus.heldMessages()).toEqual([]);
  sender.send({ body: 'good' });
  await once(sender, 'accepted');
  await expectOthersToGoOn();
});

test('refuses lists and arrays that claim more items than they have bytes', async () => {
  const { port } = await startTestBus();
  const { connection, putToken } = await connectRaw(port);
  await putToken('sb://localhost/orders');
  const sender = await attachSender(connection, { target: 'orders' });
  const [list32, map32, array32] = [0xd0, 0xd1, 0xf0];
  const [empty, oneByte, decimal32, decimal128, uuid, text, list] = [
    0x40, 0x50, 0x74, 0x94, 0x98, 0xa1, 0xc0,
  ];
  for (const count of [200_000, 30_000_000, 2 ** 32 - 1])
    for (const code of [list32, map32, array32])
      for (const item of [empty, oneByte, decimal32, decimal128, uuid, text, list]) {
        const bytes = Buffer.from([code, 0, 0, 0, 9, 0, 0, 0, 0, item, 1, 1, 1, 1]);
        bytes.writeUInt32BE(count, 5);
        sender.send(bytes, undefined, 0);
        const [{ delivery }] = (await once(sender, 'rejected')) as [EventContext];
        expect(delivery?.remote_state?.error.condition).toBe('amqp:decode-error');
      }
});

test('refuses a batch whole when one of its messages cannot be decoded', async () => {
  const { bus, port } = await startTestBus();
  const { connection, putToken } = await connectRaw(port);
  await putToken('sb://localhost/orders');
  const sender = await attachSender(connection, { target: 'orders' });
  const good = rhea.message.encode({ body: 'good' });
  const batch = rhea.message.encode({ body: rhea.message.data_sections([good, Buffer.from('bad'), good]) });
  sender.send(batch, undefined, 0x80013700);
  await once(sender, 'rejected');
  expect(bus.heldMessages()).toEqual([]);
});

test('refuses a message format that it does not know', async () => {
  const { port } = await startTestBus();
  const { connection, putToken } = await connectRaw(port);
  await putToken('sb://localhost/orders');
  const sender = await attachSender(connection, { target: 'orders' });
  const delivery = sender.send(rhea.message.encode({ body: 'x' }), undefined, 77);
  await once(sender, 'rejected');
  expect(delivery.remote_state?.error.condition).toBe('amqp:not-implemented');
});

const fieldNames = [
  'lock-tokens',
  'from-sequence-number',
  'message-count',
  'messages',
  'sequence-numbers',
  'disposition-status',
  'properties-to-modify',
  'deadletter-reason',
  'deadletter-description',
];

test('answers management requests with wrong types with an error of the service', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const client: RawAmqpClient = await connectRaw(started.port);
  await client.putToken('sb://localhost/orders');
  const operation = fc.constantFrom(
    'renew-lock',
    'peek-message',
    'update-disposition',
    'schedule-message',
    'cancel-scheduled-message',
    'toString',
  );
  const body = fc.oneof(fc.dictionary(fc.constantFrom(...fieldNames), amqpValue), amqpValue);
  const statuses = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(operation, body, async (name, value) => {
      const reply = await client.request('orders/$management', {
        application_properties: { operation: `com.microsoft:${name}` },
        body: value,
      });
      const status = reply.applicationProperties.get('statusCode')?.value;
      statuses.add(status);
      expect([200, 204, 400, 404, 410, 501]).toContain(status);
      if (Number(status) >= 400)
        expect(reply.applicationProperties.get('errorCondition')).toMatchObject({ type: 'symbol' });
    }),
    { numRuns: 1000 },
  );
  expect([...statuses]).toContain(400);
  await expectOthersToGoOn();
});

test('takes any value for a token or an address without harm', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const client = await connectRaw(started.port);
  await fc.assert(
    fc.asyncProperty(amqpValue, amqpValue, amqpValue, async (token, type, name) => {
      const reply = await client.request('$cbs', {
        body: token,
        application_properties: { operation: 'put-token', type, name },
      });
      expect(reply.applicationProperties.get('status-code')).toEqual({ type: 'int', value: 401 });
    }),
    { numRuns: 200 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string(), async (address) => {
      await expect(attachReceiver(client.connection, { source: address })).rejects.toMatchObject({
        condition: expect.stringMatching(/^amqp:(not-found|not-implemented|unauthorized-access)$/),
      });
    }),
    { numRuns: 200 },
  );
  await expectOthersToGoOn();
});
