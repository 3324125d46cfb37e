import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchMetadata } from '../../../../infra/local/functions-host/service-bus/message-metadata.ts';
import { type BusHost, startBusHost } from '../support/start-bus-host.ts';

let bus: BusHost;
const once = (Name: string) => ({ Name, Properties: { MaxDeliveryCount: 3 } });

beforeAll(async () => {
  bus = await startBusHost(
    {
      Queues: [
        'texts',
        'bytes',
        'fails',
        'flaky',
        'keeps',
        'manual',
        'exits',
        'batch',
        'batchFails',
        'batchBytes',
      ].map(once),
      Topics: [{ Name: 'events', Subscriptions: [{ Name: 'audit' }] }],
    },
    `
    const tell = (name, options, handler = () => {}) => app.generic(name, {
      trigger: { type: 'serviceBusTrigger', name: 'message', connection: 'Bus', ...options },
      handler: (message, context) => {
        const body = Buffer.isBuffer(message) ? { bytes: message.toString('hex') } : Array.isArray(message) && Buffer.isBuffer(message[0]) ? message.map((one) => one.toString('hex')) : message;
        context.log(JSON.stringify({ body, metadata: context.triggerMetadata }));
        return handler(message, context); } });
    tell('texts', { queueName: 'texts' });
    tell('bytes', { queueName: 'bytes', dataType: 'binary' });
    tell('topic', { topicName: 'events', subscriptionName: 'audit' });
    tell('fails', { queueName: 'fails' }, () => { throw new Error('never'); });
    tell('flaky', { queueName: 'flaky' }, (message, context) => { if (context.triggerMetadata.deliveryCount < 2) throw new Error('once'); });
    tell('keeps', { queueName: 'keeps', autoCompleteMessages: false });
    tell('manual', { queueName: 'manual', autoCompleteMessages: false }, () => { throw new Error('no'); });
    tell('exits', { queueName: 'exits' }, (message, context) => { if (context.triggerMetadata.deliveryCount === 1) process.exit(1); });
    tell('batch', { queueName: 'batch', cardinality: 'many' });
    tell('batchFails', { queueName: 'batchFails', cardinality: 'many' }, () => { throw new Error('all of them'); });
    tell('batchBytes', { queueName: 'batchBytes', cardinality: 'many', dataType: 'binary' });
    `,
  );
});
afterAll(() => bus.close());

interface Told {
  body: unknown;
  metadata: Record<string, unknown>;
}

/** What the function got at its runs, when there are so many. */
async function told(name: string, runs: number): Promise<Told[]> {
  await bus.host.log.until(`${runs} runs of ${name}`, () => bus.host.log.runsOf(name).length >= runs);
  return bus.host.log.saidBy(name).map((text) => JSON.parse(text) as Told);
}

/** The message of a function is settled a moment after its run. */
function expectHeld(entity: string, count: number): Promise<void> {
  return expect.poll(() => bus.held(entity), { timeout: 10_000, interval: 50 }).toBe(count);
}

describe('a queue function', () => {
  test('gets the body as text, which the library parses, and the broker’s metadata', async () => {
    await bus.send('texts', {
      body: { hello: 'world' },
      messageId: 'm-1',
      subject: 'greeting',
      contentType: 'application/json',
      correlationId: 'c-1',
      replyTo: 'answers',
      to: 'you',
      partitionKey: 'p',
      applicationProperties: { Tenant: 'A', count: 2 },
    });
    const [first] = await told('texts', 1);
    expect(first?.body).toEqual({ hello: 'world' });
    expect(first?.metadata).toEqual({
      hello: 'world',
      messageId: 'm-1',
      deliveryCount: 1,
      lockToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sequenceNumber: 1,
      subject: 'greeting',
      label: 'greeting',
      contentType: 'application/json',
      correlationId: 'c-1',
      replyTo: 'answers',
      to: 'you',
      partitionKey: 'p',
      transactionPartitionKey: 'p',
      applicationProperties: { tenant: 'A', count: 2 },
      userProperties: { tenant: 'A', count: 2 },
      enqueuedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/),
      enqueuedTimeUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+$/),
      expiresAt: expect.stringMatching(/\+00:00$/),
      expiresAtUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+$/),
    });
    await expectHeld('texts', 0);
    expect(bus.host.log.runsOf('texts')[0]?.message).toMatch(
      /^succeeded in \d+ ms \(Service Bus texts, message m-1, delivery 1\)$/,
    );
  });

  test('TRAP: a body’s own messageId and deliveryCount shadow the broker’s, in whatever case', async () => {
    await bus.send('texts', {
      body: {
        MESSAGEID: 'forged',
        deliveryCount: 9,
        correlationId: { nested: true },
        ids: [1],
        at: '2024-05-01T12:00:00Z',
        ok: true,
      },
      messageId: '42',
    });
    const metadata = (await told('texts', 2)).at(-1)?.metadata;
    expect(metadata).toMatchObject({
      messageId: 'forged',
      deliveryCount: 9,
      correlationId: { nested: true },
      at: '05/01/2024 12:00:00',
      ok: 'True',
    });
    expect(metadata).not.toHaveProperty('ids');
  });

  test('TRAP: a message id of digits arrives as a number', async () => {
    await bus.send('texts', { body: 'plain', messageId: '12345678901234567890' });
    expect((await told('texts', 3)).at(-1)).toMatchObject({
      body: 'plain',
      metadata: { messageId: 12345678901234567000 },
    });
  });

  test('with dataType binary gets the very bytes, and nothing of the body is merged into the metadata', async () => {
    await bus.send('bytes', { body: Buffer.from('{"messageId": "forged"}'), messageId: 'genuine' });
    const [first] = await told('bytes', 1);
    expect(first?.body).toEqual({ bytes: Buffer.from('{"messageId": "forged"}').toString('hex') });
    expect(first?.metadata).toMatchObject({ messageId: 'genuine', deliveryCount: 1 });
  });

  test('TRAP: that throws has its message back at once, and after the last delivery it is dead-lettered', async () => {
    await bus.send('fails', { body: 'x' });
    await told('fails', 3);
    await expectHeld('fails/$deadletterqueue', 1);
    expect((await told('fails', 3)).map(({ metadata }) => metadata.deliveryCount)).toEqual([1, 2, 3]);
    expect(bus.host.log.runsOf('fails').every(({ outcome }) => outcome === 'failed')).toBe(true);
  });

  test('completes the message of a later delivery that goes well', async () => {
    await bus.send('flaky', { body: 'x' });
    await told('flaky', 2);
    await expectHeld('flaky', 0);
  });

  test('TRAP: without autoComplete leaves a message of a success locked: nothing settles it', async () => {
    await bus.send('keeps', { body: 'x' });
    await told('keeps', 1);
    await expectHeld('keeps', 1);
  });

  test('without autoComplete abandons a message of a failure all the same', async () => {
    await bus.send('manual', { body: 'x' });
    await told('manual', 3);
    await expectHeld('manual/$deadletterqueue', 1);
  });

  test('has its message delivered again when the worker ends meanwhile', async () => {
    await bus.send('exits', { body: 'x' });
    await told('exits', 2);
    await expectHeld('exits', 0);
    expect(bus.host.log.runsOf('exits').map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded']);
  });
});

test('a topic function gets the messages of its subscription', async () => {
  await bus.send('events', { body: { a: 1 }, messageId: 'e-1' });
  expect((await told('topic', 1))[0]).toMatchObject({ body: { a: 1 }, metadata: { messageId: 'e-1' } });
  await expectHeld('events/Subscriptions/audit', 0);
});

describe('a function with cardinality many', () => {
  test('gets an array, metadata as arrays, and its messages are all completed', async () => {
    await bus.send(
      'batch',
      { body: { n: 1 }, messageId: 'b-1', correlationId: 'x' },
      { body: 'two', messageId: 'b-2' },
    );
    await bus.host.log.until('both messages', () =>
      JSON.stringify(bus.host.log.saidBy('batch')).includes('b-2'),
    );
    const runs = await told('batch', 1);
    expect(runs.flatMap(({ body }) => body)).toEqual([{ n: 1 }, 'two']);
    expect(runs.flatMap(({ metadata }) => metadata.messageIdArray)).toEqual(['b-1', 'b-2']);
    expect(runs.flatMap(({ metadata }) => metadata.deliveryCountArray)).toEqual([1, 1]);
    expect(runs[0]?.metadata).not.toHaveProperty('messageId');
    await expectHeld('batch', 0);
  });

  test('TRAP: arrays of texts lose their empty entries, so metadata may not fit the messages', async () => {
    const [run] = await told('batch', 1);
    expect(run?.metadata.correlationIdArray).toEqual(['x']);
    expect(run?.metadata.subjectArray).toEqual([]);
  });

  test('has all of its messages back when it throws', async () => {
    await bus.send('batchFails', { body: 1 }, { body: 2 });
    await expectHeld('batchFails/$deadletterqueue', 2);
  });

  test('with dataType binary gets an array of bytes', async () => {
    await bus.send('batchBytes', { body: Buffer.from([1, 255]) });
    expect((await told('batchBytes', 1))[0]?.body).toEqual(['01ff']);
  });
});

test('an app with the capability IncludeEmptyEntriesInMessagePayload keeps the empty entries', () => {
  const message = { state: 'active', body: '', _rawAmqpMessage: { body: '', bodyType: 'data' } } as const;
  const messages = [{ ...message, correlationId: 'a' }, message];
  expect(batchMetadata(messages, false).CorrelationIdArray).toEqual({ collectionString: { string: ['a'] } });
  expect(batchMetadata(messages, true).CorrelationIdArray).toEqual({
    collectionString: { string: ['a', ''] },
  });
});
