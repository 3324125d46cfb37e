import type { ServiceBusClient, ServiceBusReceiver } from '@azure/service-bus';
import { expect, test } from 'vitest';
import { receiveOne, startTestBus } from './start-test-bus.ts';

const entities = {
  Queues: [{ Name: 'orders' }],
  Topics: [{ Name: 'events', Subscriptions: [{ Name: 'all' }] }],
};

interface Refusal {
  readonly ask: (client: ServiceBusClient) => Promise<unknown>;
  readonly code: string;
  readonly message?: RegExp;
}

const notImplemented = {
  code: 'GeneralError',
  message: /NotImplementedError: .*not implemented by the local Service Bus/,
};
const notAllowed = { code: 'GeneralError', message: /InvalidOperationError/ };

async function received(
  client: ServiceBusClient,
): Promise<{ receiver: ServiceBusReceiver; message: Awaited<ReturnType<typeof receiveOne>> }> {
  await client.createSender('orders').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('orders');
  return { receiver, message: await receiveOne(receiver) };
}

const refusals: Record<string, Refusal> = {
  'sending to an unknown queue': {
    ask: (client) => client.createSender('unknown').sendMessages({ body: 'x' }),
    code: 'MessagingEntityNotFound',
  },
  'receiving from an unknown queue': {
    ask: (client) => client.createReceiver('unknown').receiveMessages(1),
    code: 'MessagingEntityNotFound',
  },
  'peeking into an unknown subscription': {
    ask: (client) => client.createReceiver('events', 'unknown').peekMessages(1),
    code: 'MessagingEntityNotFound',
  },
  'the dead-letter queue of a topic': {
    ask: (client) => client.createReceiver('events', { subQueueType: 'deadLetter' }).receiveMessages(1),
    code: 'MessagingEntityNotFound',
  },
  'receiving from a topic': {
    ask: (client) => client.createReceiver('events').receiveMessages(1),
    ...notAllowed,
  },
  'peeking into a topic': {
    ask: (client) => client.createReceiver('events').peekMessages(1),
    ...notAllowed,
  },
  'sending to a subscription': {
    ask: (client) => client.createSender('events/Subscriptions/all').sendMessages({ body: 'x' }),
    ...notAllowed,
  },
  'sending to a dead-letter queue': {
    ask: (client) => client.createSender('orders/$DeadLetterQueue').sendMessages({ body: 'x' }),
    ...notAllowed,
  },
  'accepting a session by name': {
    ask: (client) => client.acceptSession('orders', 'session'),
    code: 'SessionCannotBeLocked',
  },
  'accepting any session': {
    ask: (client) => client.acceptNextSession('orders'),
    ...notAllowed,
  },
  'deferring a message': {
    ask: async (client) => {
      const { receiver, message } = await received(client);
      await receiver.deferMessage(message);
    },
    ...notImplemented,
  },
  'receiving deferred messages': {
    ask: async (client) => {
      const { receiver, message } = await received(client);
      if (message.sequenceNumber) await receiver.receiveDeferredMessages(message.sequenceNumber);
    },
    ...notImplemented,
  },
  'listing rules': {
    ask: (client) => client.createRuleManager('events', 'all').listRules().next(),
    ...notImplemented,
  },
  'creating a rule': {
    ask: (client) => client.createRuleManager('events', 'all').createRule('mine', { correlationId: 'x' }),
    ...notImplemented,
  },
  'deleting a rule': {
    ask: (client) => client.createRuleManager('events', 'all').deleteRule('$Default'),
    ...notImplemented,
  },
};

test.each(Object.entries(refusals))('refuses %s clearly and at once', async (_, { ask, code, message }) => {
  const { createClient } = await startTestBus(entities);
  const error = await ask(createClient()).then(
    () => expect.unreachable('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code, ...(message ? { message: expect.stringMatching(message) } : {}) });
  // The client would otherwise try again for a minute and a half.
  expect(error).toMatchObject({ retryable: false });
});

test('goes on after a refusal on the same connection', async () => {
  const { createClient } = await startTestBus(entities);
  const client = createClient();
  await expect(client.createSender('unknown').sendMessages({ body: 'x' })).rejects.toThrow();
  await client.createSender('orders').sendMessages({ body: 'x' });
  expect((await receiveOne(client.createReceiver('orders'))).body).toBe('x');
});

test('tells a subscriber of an unknown queue that it does not exist', async () => {
  const { createClient } = await startTestBus(entities);
  const receiver = createClient().createReceiver('unknown');
  const error = await new Promise((resolve) => {
    receiver.subscribe({
      processMessage: async () => {},
      processError: async (args) => resolve(args.error),
    });
  });
  expect(error).toMatchObject({ code: 'MessagingEntityNotFound' });
  await receiver.close();
});
