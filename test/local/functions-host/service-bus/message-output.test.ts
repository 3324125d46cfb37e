import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messageBodies } from '../../../../infra/local/functions-host/service-bus/message-output.ts';
import type { TypedData } from '../../../../infra/local/functions-host/typed-data.ts';
import { type BusHost, startBusHost } from '../support/start-bus-host.ts';

describe('messageBodies', () => {
  const table: Record<string, [data: TypedData, bodies: string[]]> = {
    'a text is one message': [{ string: 'text' }, ['text']],
    'TRAP: an object is JSON that .NET has indented': [{ json: '{"a":1}' }, ['{\n  "a": 1\n}']],
    'TRAP: a text that is an object is printed anew': [{ string: ' {"a":1}' }, ['{\n  "a": 1\n}']],
    'an array is a message for each entry': [{ json: '["a",{"b":2},3]' }, ['a', '{\n  "b": 2\n}', '3']],
    'TRAP: a text that is an array is several messages, too': [{ string: '[1,2]' }, ['1', '2']],
    'TRAP: booleans are .NET’s texts': [{ json: '[true,false]' }, ['True', 'False']],
    'numbers are their texts': [{ int: 5 }, ['5']],
    'bytes are one message': [{ bytes: new Uint8Array([97]) }, ['a']],
  };
  for (const [sentence, [data, bodies]] of Object.entries(table))
    test(sentence, () => expect(messageBodies(data).map(String)).toEqual(bodies));
});

describe('a serviceBus output', () => {
  let bus: BusHost;
  beforeAll(async () => {
    bus = await startBusHost(
      {
        Queues: [{ Name: 'in' }, { Name: 'out' }, { Name: 'returned' }],
        Topics: [{ Name: 'events', Subscriptions: [{ Name: 'all' }] }],
      },
      `const out = output.serviceBusQueue({ queueName: 'out', connection: 'Bus' });
       const events = output.serviceBusTopic({ topicName: 'events', connection: 'Bus' });
       const gone = output.serviceBusQueue({ queueName: 'gone', connection: 'Bus' });
       app.http('send', { extraOutputs: [out, events], handler: async (request, context) => {
         context.extraOutputs.set(out, ['one', { two: 2 }, Buffer.from('three').toString()]);
         context.extraOutputs.set(events, Buffer.from([0, 255]));
         return { status: 202 }; } });
       app.http('fails', { extraOutputs: [gone], handler: (request, context) => { context.extraOutputs.set(gone, 'x'); return { body: 'done' }; } });
       app.http('silent', { extraOutputs: [gone], handler: () => ({ body: 'nothing to send' }) });
       app.serviceBusQueue('pass', { queueName: 'in', connection: 'Bus', return: output.serviceBusQueue({ queueName: 'returned', connection: 'Bus' }), handler: (message) => ({ passed: message }) });`,
      { clientRetryOptions: { maxRetries: 0 } },
    );
  });
  afterAll(() => bus.close());

  test('sends what extraOutputs hold to queue and topic, as bytes, with the id of the run', async () => {
    expect((await bus.host.fetch('/api/send')).status).toBe(202);
    const [run] = bus.host.log.runsOf('send');
    const messages = await bus.receive('out', 3);
    expect(messages.map(({ body }) => String(body))).toEqual(['one', '{\n  "two": 2\n}', 'three']);
    for (const message of messages) {
      expect(message.contentType).toBe('application/octet-stream');
      expect(message.applicationProperties).toEqual({ $AzureWebJobsParentId: run?.invocationId });
    }
    expect(await bus.receive('events/Subscriptions/all', 1)).toMatchObject([{ body: Buffer.from([0, 255]) }]);
  });

  test('sends what a function returns', async () => {
    await bus.send('in', { body: 'hello' });
    expect(String((await bus.receive('returned', 1))[0]?.body)).toBe('{\n  "passed": "hello"\n}');
  });

  test('that cannot be sent fails the run', async () => {
    expect((await bus.host.fetch('/api/fails')).status).toBe(500);
    expect(bus.host.log.runsOf('fails')).toMatchObject([
      { outcome: 'failed', message: expect.stringContaining('An output of the function could not be sent') },
    ]);
  });

  test('that was not set is not sent', async () => {
    expect(await (await bus.host.fetch('/api/silent')).text()).toBe('nothing to send');
  });
});
