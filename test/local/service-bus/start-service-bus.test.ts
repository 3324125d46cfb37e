import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { UsageError } from '../../../infra/local/part.ts';
import { receiveAll, receiveOne, startTestBus } from './start-test-bus.ts';

test('says where it listens and what its clients’ environment must hold', async () => {
  const { bus, port } = await startTestBus();
  expect(bus.endpoints).toEqual({ 'service-bus': `amqp://127.0.0.1:${port}` });
  expect(bus.environment).toEqual({
    SERVICE_BUS_EMULATOR_CONNECTION_STRING:
      `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=RootManageSharedAccessKey;` +
      'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;',
  });
});

test.each([
  ['::1', '[::1]'],
  ['0.0.0.0', 'localhost'],
])('can be reached when it listens on %s', async (host, shown) => {
  const { bus, createClient } = await startTestBus(undefined, { address: { host, port: 0 } });
  expect(bus.endpoints['service-bus']).toContain(`//${shown}:`);
  const client = createClient();
  await client.createSender('orders').sendMessages({ body: 'x' });
  expect((await receiveOne(client.createReceiver('orders'))).body).toBe('x');
});

test('says in one line that a port is taken', async () => {
  const { port } = await startTestBus();
  const second = startTestBus(undefined, { address: { host: '127.0.0.1', port } });
  await expect(second).rejects.toThrow(UsageError);
  await expect(second).rejects.toThrow(
    `Port ${port} on 127.0.0.1, for Service Bus, is taken by another program`,
  );
});

test('forgets messages, locks, schedules and ids when it is reset, and keeps entities and connections', async () => {
  const { bus, createClient, clock } = await startTestBus({
    Queues: [{ Name: 'orders', Properties: { RequiresDuplicateDetection: true } }],
  });
  const client = createClient();
  const sender = client.createSender('orders');
  const receiver = client.createReceiver('orders');
  await sender.sendMessages([{ body: 'locked', messageId: 'a' }, { body: 'waiting' }, { body: 'dead' }]);
  const [locked, , dead] = await receiver.receiveMessages(3);
  if (!locked || !dead) throw new Error('three messages were sent');
  await receiver.deadLetterMessage(dead);
  await sender.scheduleMessages({ body: 'later' }, new Date(Number(clock.now()) + 60_000));
  expect(bus.heldMessages()).toHaveLength(4);

  await bus.reset();
  expect(bus.heldMessages()).toEqual([]);
  await expect(receiver.completeMessage(locked)).rejects.toMatchObject({ code: 'MessageLockLost' });
  await clock.advance(120_000);
  expect(await receiveAll(receiver)).toEqual([]);
  await sender.sendMessages({ body: 'new', messageId: 'a' });
  const message = await receiveOne(receiver);
  expect([message.body, Number(message.sequenceNumber)]).toEqual(['new', 1]);
});

test('shows every message that it holds, wherever it is', async () => {
  const { bus, createClient } = await startTestBus({
    Queues: [{ Name: 'orders' }],
    Topics: [{ Name: 'events', Subscriptions: [{ Name: 'all' }] }],
  });
  const client = createClient();
  const receiver = client.createReceiver('orders');
  await client.createSender('orders').sendMessages({ body: { secret: 'in-body' }, messageId: 'm1' });
  await receiver.deadLetterMessage(await receiveOne(receiver), {
    deadLetterReason: 'in-reason',
    deadLetterErrorDescription: '',
  });
  await client.createSender('events').sendMessages({
    body: Buffer.from('in-bytes'),
    subject: 'in-subject',
    applicationProperties: { name: 'in-property' },
  });
  const held = bus.heldMessages();
  expect(held.map(({ entity }) => entity)).toEqual(['orders/$DeadLetterQueue', 'events/Subscriptions/all']);
  expect(held[0]).toMatchObject({
    messageId: 'm1',
    applicationProperties: { DeadLetterReason: 'in-reason' },
  });
  expect(held[0]?.body.toString()).toContain('{"secret":"in-body"}');
  expect(held[1]?.body.toString()).toContain('in-bytes');
  expect(held[1]?.encoded.toString()).toContain('in-subject');
  expect(held[1]?.encoded.toString()).toContain('in-property');
});

test('keeps bodies and tokens out of the history', async () => {
  const { createClient, history } = await startTestBus();
  const client = createClient();
  await client
    .createSender('orders')
    .sendMessages({ body: 'the-body', applicationProperties: { a: 'the-property' } });
  await client.createReceiver('orders').peekMessages(1);
  const text = JSON.stringify(history.list());
  expect(text).toContain('send orders');
  for (const secret of ['the-body', 'the-property', 'SharedAccessSignature', 'sig='])
    expect(text).not.toContain(secret);
});

test('closes at once, connections and half-open sockets included', async () => {
  const { bus, createClient, port } = await startTestBus();
  const receiver = createClient().createReceiver('orders');
  receiver.subscribe({ processMessage: async () => {}, processError: async () => {} });
  await createClient().createSender('orders').sendMessages({ body: 'x' });
  const silent = connect({ host: '127.0.0.1', port });
  await once(silent, 'connect');
  const closed = once(silent, 'close');
  await bus.close();
  await closed;
  await receiver.close();
  const late = connect({ host: '127.0.0.1', port });
  await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
