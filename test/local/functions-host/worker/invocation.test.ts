import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TypedData } from '../../../../infra/local/functions-host/typed-data.ts';
import { startTestWorker, type TestWorker } from '../support/start-test-worker.ts';

let worker: TestWorker;

beforeAll(async () => {
  worker = await startTestWorker({
    'app.mjs': `import { app, output } from '@azure/functions';
      const queue = (name, handler, more) => app.serviceBusQueue(name, { queueName: 'q', connection: 'Bus', handler, ...more });
      const show = (value) => JSON.stringify(Buffer.isBuffer(value) ? { buffer: [...value] } : value) ?? 'undefined';
      queue('show', (input) => ({ shown: Array.isArray(input) ? '[' + input.map(show).join() + ']' : show(input) }));
      queue('metadata', (input, context) => context.triggerMetadata);
      queue('context', (input, context) => ({
        functionName: context.functionName, invocationId: context.invocationId,
        retry: context.retryContext, trace: context.traceContext, trigger: context.options.trigger.type }));
      const returns = {
        'a text': 'text', 'nothing': undefined, 'null': null, 'a whole number': 5, 'a fraction': 0.5, 'a boolean': true,
        'an array': [1, 'a'], 'an object': { a: 1 }, 'a buffer': Buffer.from([1, 2]), 'an array buffer': new Uint8Array([3]).buffer,
        'a typed array': new Uint8Array([4, 5, 6]).subarray(1) };
      queue('returns', (input) => returns[input]);
      const throws = {
        'an error': new TypeError('bad type'), 'a text': 'plain text', 'an object': { code: 7 }, 'nothing': undefined,
        'an error whose message cannot be set': new DOMException('fixed', 'AbortError') };
      queue('throws', (input) => { throw throws[input]; });
      const out = output.serviceBusQueue({ queueName: 'out', connection: 'Bus', name: 'first' });
      const other = output.serviceBusQueue({ queueName: 'out', connection: 'Bus', name: 'other' });
      queue('outputs', (input, context) => { context.extraOutputs.set(out, { a: 1 }); return 'returned'; }, { extraOutputs: [out, other], return: output.serviceBusTopic({ topicName: 't', connection: 'Bus' }) });
      app.timer('timer', { schedule: '0 0 * * * *', handler: (timer, context) => ({ timer, metadata: context.triggerMetadata ?? 'hidden' }) });
      app.http('http', { handler: async (request, context) => ({ jsonBody: {
        method: request.method, url: request.url, query: Object.fromEntries(request.query), params: request.params,
        header: request.headers.get('x-one'), body: await request.text(), metadata: context.triggerMetadata ?? 'hidden' } }) });`,
  });
});
afterAll(() => worker.close());

async function shown(input: TypedData): Promise<string> {
  const value = await worker.returnValue('show', input);
  return JSON.parse(value?.json ?? '').shown;
}

describe('typed data in', () => {
  const table: Record<string, [input: TypedData, shown: string]> = {
    'TRAP: a text that is a number arrives as a number': [{ string: '123' }, '123'],
    'TRAP: a text that is true arrives as a boolean': [{ string: 'true' }, 'true'],
    'TRAP: a text that is null arrives as null': [{ string: 'null' }, 'null'],
    'TRAP: a text that is JSON arrives parsed': [{ string: '{"a":1}' }, '{"a":1}'],
    'any other text arrives as it is': [{ string: 'a b' }, '"a b"'],
    'an empty text arrives as it is': [{ string: '' }, '""'],
    'JSON is always parsed': [{ json: '"5"' }, '"5"'],
    'bytes arrive as a Buffer': [{ bytes: new Uint8Array([0, 255]) }, '{"buffer":[0,255]}'],
    'no member at all arrives as undefined': [{}, 'undefined'],
    'a whole number': [{ int: 7 }, '7'],
    'a fraction': [{ double: 0.5 }, '0.5'],
    'a collection of texts, each parsed': [{ collectionString: { string: ['1', 'a'] } }, '[1,"a"]'],
    'a collection of bytes': [{ collectionBytes: { bytes: [new Uint8Array([9])] } }, '[{"buffer":[9]}]'],
    'a collection of numbers': [{ collectionDouble: { double: [1.5] } }, '[1.5]'],
  };
  for (const [sentence, [input, expected]] of Object.entries(table))
    test(sentence, async () => expect(await shown(input)).toBe(expected));

  test('for a name that is no binding fails the run', async () => {
    const inputData = [{ name: 'unknown', data: { string: '' } }];
    expect(await worker.invoke('show', {}, { inputData })).toMatchObject({
      kind: 'threw',
      message: expect.stringContaining('Failed to find binding "unknown"'),
    });
  });
});

describe('typed data out', () => {
  const table: Record<string, TypedData | null | undefined> = {
    'a text': { string: 'text' },
    nothing: undefined,
    null: null,
    'a whole number': { int: 5 },
    'a fraction': { double: 0.5 },
    'a boolean': { json: 'true' },
    'an array': { json: '[1,"a"]' },
    'an object': { json: '{"a":1}' },
    'a buffer': { bytes: new Uint8Array([1, 2]) },
    'an array buffer': { bytes: new Uint8Array([3]) },
    'a typed array': { bytes: new Uint8Array([5, 6]) },
  };
  for (const [what, expected] of Object.entries(table))
    test(`of ${what}`, async () => {
      expect(await worker.returnValue('returns', { string: what })).toEqual(expected);
    });

  test('of outputs: those that were set, and $return apart', async () => {
    expect(await worker.invoke('outputs', { string: '' })).toEqual({
      kind: 'returned',
      response: {
        invocationId: expect.any(String),
        outputData: [{ name: 'first', data: { json: '{"a":1}' } }],
        returnValue: { string: 'returned' },
      },
    });
  });
});

describe('what a function throws', () => {
  const table: Record<string, string> = {
    'an error': 'bad type',
    'a text': 'plain text',
    'an object': '{"code":7}',
    'an error whose message cannot be set': 'fixed',
  };
  for (const [what, message] of Object.entries(table))
    test(`${what} becomes a message`, async () => {
      expect(await worker.invoke('throws', { string: what })).toMatchObject({ kind: 'threw', message });
    });

  test('comes with its stack', async () => {
    expect(await worker.invoke('throws', { string: 'an error' })).toMatchObject({
      stack: expect.stringMatching(/^TypeError: bad type\n {4}at /),
    });
  });

  test('TRAP: undefined counts as no error', async () => {
    expect(await worker.invoke('throws', { string: 'nothing' })).toMatchObject({ kind: 'returned' });
  });
});

describe('trigger metadata', () => {
  async function metadata(triggerMetadata: Record<string, TypedData>): Promise<unknown> {
    const value = await worker.returnValue('metadata', {}, { triggerMetadata });
    return JSON.parse(value?.json ?? '');
  }

  test('TRAP: a message id "42" arrives as the number 42', async () => {
    expect(await metadata({ MessageId: { string: '42' } })).toEqual({ messageId: 42 });
  });

  test('TRAP: an id of twenty digits loses its last ones', async () => {
    expect(await metadata({ MessageId: { string: '12345678901234567890' } })).toEqual({
      messageId: 12345678901234567000,
    });
  });

  test('TRAP: names begin in lower case, nested ones and application properties too', async () => {
    const ApplicationProperties = { json: '{"Foo":{"Bar":1},"List":[{"Baz":2}]}' };
    expect(await metadata({ ApplicationProperties })).toEqual({
      applicationProperties: { foo: { bar: 1 }, list: [{ baz: 2 }] },
    });
  });

  test('is hidden from timers', async () => {
    const value = await worker.returnValue(
      'timer',
      { json: '{}' },
      { triggerMetadata: { A: { string: 'b' } } },
    );
    expect(JSON.parse(value?.json ?? '')).toMatchObject({ metadata: 'hidden' });
  });
});

test('a timer’s input has its names in lower case', async () => {
  const json = '{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"a"},"IsPastDue":false}';
  const value = await worker.returnValue('timer', { json });
  expect(JSON.parse(value?.json ?? '').timer).toEqual({
    schedule: { adjustForDST: true },
    scheduleStatus: { last: 'a' },
    isPastDue: false,
  });
});

test('an HTTP function gets the request and gives its answer as bytes', async () => {
  const http = {
    url: 'http://localhost/api/http?a=url',
    method: 'POST',
    nullableHeaders: { 'x-one': { value: '1' } },
    nullableQuery: { a: { value: 'map' } },
    nullableParams: { id: { value: '7' } },
    body: { bytes: new TextEncoder().encode('body') },
  };
  const value = await worker.returnValue('http', { http });
  expect(value?.http).toMatchObject({ statusCode: '200', headers: { 'content-type': 'application/json' } });
  expect(JSON.parse(Buffer.from(value?.http?.body?.bytes ?? []).toString())).toEqual({
    method: 'POST',
    url: http.url,
    query: { a: 'map' },
    params: { id: '7' },
    header: '1',
    body: 'body',
    metadata: 'hidden',
  });
});

test('the context tells names, trace and retry', async () => {
  const value = await worker.returnValue(
    'context',
    {},
    {
      invocationId: 'the-id',
      traceContext: { traceParent: '00-a-b-00', traceState: 's', attributes: { k: 'v' } },
      retryContext: {
        retryCount: 1,
        maxRetryCount: 3,
        exception: { message: 'm', source: '', stackTrace: 's' },
      },
    },
  );
  expect(JSON.parse(value?.json ?? '')).toEqual({
    functionName: 'context',
    invocationId: 'the-id',
    retry: { retryCount: 1, maxRetryCount: 3, exception: { message: 'm', source: '', stackTrace: 's' } },
    trace: { traceParent: '00-a-b-00', traceState: 's', attributes: { k: 'v' } },
    trigger: 'serviceBusTrigger',
  });
});

test('a function that the worker does not know cannot be invoked', async () => {
  expect(await worker.invoke('unknown', {})).toMatchObject({
    kind: 'threw',
    message: "Function code for 'unknown' is not loaded and cannot be invoked.",
  });
});
