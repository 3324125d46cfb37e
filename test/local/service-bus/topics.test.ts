import { expect, test } from 'vitest';
import { receiveAll, receiveOne, startTestBus } from './start-test-bus.ts';

const correlation = (CorrelationFilter: object) => ({
  Name: 'rule',
  Properties: { FilterType: 'Correlation' as const, CorrelationFilter },
});

const topic = {
  Topics: [
    {
      Name: 'events',
      Subscriptions: [
        { Name: 'all' },
        {
          Name: 'everything',
          Rules: [
            {
              Name: 'true',
              Properties: { FilterType: 'Sql' as const, SqlFilter: { SqlExpression: '1=1' as const } },
            },
          ],
        },
        { Name: 'alerts', Rules: [correlation({ Properties: { severity: 'critical' } })] },
        { Name: 'labelled', Rules: [correlation({ Label: 'rotated', ContentType: 'application/json' })] },
        {
          Name: 'either',
          Rules: [
            { ...correlation({ Label: 'rotated' }), Name: 'one' },
            { ...correlation({ Properties: { attempt: 3, urgent: true } }), Name: 'other' },
          ],
        },
      ],
    },
  ],
};

const cases: Record<string, { message: object; expected: readonly string[] }> = {
  'a message without properties reaches the true rules only': {
    message: {},
    expected: ['all', 'everything'],
  },
  'an application property matches': {
    message: { applicationProperties: { severity: 'critical', other: 1 } },
    expected: ['all', 'everything', 'alerts'],
  },
  'texts compare case-sensitively': {
    message: { applicationProperties: { severity: 'Critical' } },
    expected: ['all', 'everything'],
  },
  'every property of a filter must match: one is missing': {
    message: { subject: 'rotated' },
    expected: ['all', 'everything', 'either'],
  },
  'every property of a filter must match: both are there': {
    message: { subject: 'rotated', contentType: 'application/json' },
    expected: ['all', 'everything', 'labelled', 'either'],
  },
  'numbers and booleans match': {
    message: { applicationProperties: { attempt: 3, urgent: true } },
    expected: ['all', 'everything', 'either'],
  },
  'a number does not match its text': {
    message: { applicationProperties: { attempt: '3', urgent: true } },
    expected: ['all', 'everything'],
  },
  'a message that two rules match comes once': {
    message: { subject: 'rotated', applicationProperties: { attempt: 3, urgent: true } },
    expected: ['all', 'everything', 'either'],
  },
};

test.each(Object.entries(cases))('%s', async (_, { message, expected }) => {
  const { createClient, bus } = await startTestBus(topic);
  await createClient()
    .createSender('events')
    .sendMessages({ body: 'x', ...message });
  expect(bus.heldMessages().map(({ entity }) => entity)).toEqual(
    expected.map((name) => `events/Subscriptions/${name}`),
  );
});

test.each([
  ['MessageId', { messageId: 'v' }],
  ['CorrelationId', { correlationId: 'v' }],
  ['To', { to: 'v' }],
  ['ReplyTo', { replyTo: 'v' }],
  ['Label', { subject: 'v' }],
  ['SessionId', { sessionId: 'v' }],
  ['ReplyToSessionId', { replyToSessionId: 'v' }],
  ['ContentType', { contentType: 'v' }],
])('matches %s', async (property, message) => {
  const Rules = [correlation({ [property]: 'v' })];
  const { createClient, bus } = await startTestBus({
    Topics: [{ Name: 'events', Subscriptions: [{ Name: 'some', Rules }] }],
  });
  const sender = createClient().createSender('events');
  await sender.sendMessages({ body: 'other' });
  await sender.sendMessages({ body: 'matching', ...message });
  expect(bus.heldMessages()).toHaveLength(1);
  expect(bus.heldMessages()[0]?.body.toString()).toContain('matching');
});

test('gives each subscription its own copy, number and delivery count', async () => {
  const { createClient } = await startTestBus(topic);
  const client = createClient();
  const sender = client.createSender('events');
  await sender.sendMessages([{ body: 1 }, { body: 2, applicationProperties: { severity: 'critical' } }]);
  const alerts = client.createReceiver('events', 'alerts');
  const alert = await receiveOne(alerts);
  expect([Number(alert.sequenceNumber), Number(alert.enqueuedSequenceNumber)]).toEqual([1, 2]);
  await alerts.abandonMessage(alert, { seen: 'by alerts' });
  expect((await receiveOne(alerts)).applicationProperties).toEqual({
    severity: 'critical',
    seen: 'by alerts',
  });
  const all = await receiveAll(client.createReceiver('events', 'all'));
  expect(all.map(({ body, deliveryCount }) => [body, deliveryCount])).toEqual([
    [1, 0],
    [2, 0],
  ]);
  expect(all[1]?.applicationProperties).toEqual({ severity: 'critical' });
});

test('dead-letters, locks and peeks in a subscription as in a queue', async () => {
  const { createClient } = await startTestBus(topic);
  const client = createClient();
  await client.createSender('events').sendMessages({ body: 'x' });
  const receiver = client.createReceiver('events', 'all');
  const message = await receiveOne(receiver);
  await receiver.renewMessageLock(message);
  expect(await receiver.peekMessages(1)).toMatchObject([{ body: 'x' }]);
  await receiver.deadLetterMessage(message, { deadLetterReason: 'r', deadLetterErrorDescription: 'd' });
  const deadLetters = client.createReceiver('events', 'all', { subQueueType: 'deadLetter' });
  expect(await receiveOne(deadLetters)).toMatchObject({ body: 'x', deadLetterReason: 'r' });
});

test('schedules and cancels in a topic', async () => {
  const { createClient, clock, bus } = await startTestBus(topic);
  const client = createClient();
  const sender = client.createSender('events');
  const due = new Date(Number(clock.now()) + 60_000);
  const [first] = await sender.scheduleMessages([{ body: 'kept' }, { body: 'cancelled' }], due);
  const [, second] = [first, first?.add(1)];
  if (!second) throw new Error('two messages were scheduled');
  await sender.cancelScheduledMessages(second);
  expect(bus.heldMessages()).toMatchObject([{ entity: 'events', state: 'scheduled' }]);
  await clock.advance(60_000);
  expect((await receiveAll(client.createReceiver('events', 'all'))).map(({ body }) => body)).toEqual([
    'kept',
  ]);
});

test('lets the shortest of three times to live count', async () => {
  const { createClient, clock, bus } = await startTestBus({
    Topics: [
      {
        Name: 'events',
        Properties: { DefaultMessageTimeToLive: 'PT30M' },
        Subscriptions: [
          { Name: 'longer', Properties: { DefaultMessageTimeToLive: 'PT1H' } },
          { Name: 'shorter', Properties: { DefaultMessageTimeToLive: 'PT10M' } },
        ],
      },
    ],
  });
  await createClient().createSender('events').sendMessages({ body: 'x' });
  await clock.advance(11 * 60_000);
  expect(bus.heldMessages().map(({ entity }) => entity)).toEqual(['events/Subscriptions/longer']);
  await clock.advance(20 * 60_000);
  expect(bus.heldMessages()).toEqual([]);
});

test('takes messages for a topic without subscriptions, and forgets them', async () => {
  const { createClient, bus } = await startTestBus({ Topics: [{ Name: 'events' }] });
  await createClient().createSender('events').sendMessages({ body: 'x' });
  expect(bus.heldMessages()).toEqual([]);
});
