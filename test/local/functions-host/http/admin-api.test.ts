import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../support/start-test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startTestHost({
    'app.mjs': `import { app } from '@azure/functions';
      app.timer('nightly', { schedule: '0 0 3 * * *', handler: (timer, context) => { context.log(JSON.stringify(timer)); } });
      app.serviceBusQueue('intake', { queueName: 'q', connection: 'Bus', handler: (message, context) => { context.log(JSON.stringify([message, context.triggerMetadata])); } });
      app.generic('binary', { trigger: { type: 'serviceBusTrigger', queueName: 'q', connection: 'Bus', dataType: 'binary', name: 'message' }, handler: (message, context) => { context.log(message.toString('hex')); } });
      app.serviceBusQueue('batch', { queueName: 'q', connection: 'Bus', cardinality: 'many', handler: (messages, context) => { context.log(JSON.stringify(messages)); } });
      app.http('web', { handler: () => ({}) });`,
    'local.settings.json': {
      Values: {
        Bus: 'Endpoint=sb://127.0.0.1:9;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;',
        'AzureWebJobs.intake.Disabled': '1',
        'AzureWebJobs.binary.Disabled': '1',
        'AzureWebJobs.batch.Disabled': '1',
      },
    },
  });
});
afterAll(() => host.close());
beforeEach(() => {
  host.log.lines.length = 0;
});

async function said(functionName: string): Promise<unknown> {
  await host.log.until('the run', () => host.log.runsOf(functionName).length > 0);
  return host.log.saidBy(functionName)[0];
}

describe('POST /admin/functions/NAME', () => {
  test('runs a timer function in the background and answers 202 with an empty body', async () => {
    const response = await host.run('nightly');
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(JSON.parse(String(await said('nightly')))).toMatchObject({
      schedule: { adjustForDST: true },
      scheduleStatus: { last: '0001-01-01T00:00:00+00:00', next: expect.stringMatching(/T03:00:00\+00:00$/) },
      isPastDue: false,
    });
    expect(host.log.runsOf('nightly')).toMatchObject([{ trigger: 'by hand', outcome: 'succeeded' }]);
  });

  test('runs a Service Bus function with the input as its message, also one that is switched off', async () => {
    await host.run('intake', '{"messageId":"7","list":[1]}');
    expect(JSON.parse(String(await said('intake')))).toEqual([
      { messageId: '7', list: [1] },
      { messageId: 7 },
    ]);
  });

  test('gives bytes to a function with dataType binary', async () => {
    await host.run('binary', 'é');
    expect(await said('binary')).toBe('c3a9');
  });

  test('gives a batch of one to a function with cardinality many', async () => {
    await host.run('batch', 'one');
    expect(JSON.parse(String(await said('batch')))).toEqual(['one']);
  });

  test('answers 202 for an HTTP function too, whose run then fails', async () => {
    expect((await host.run('web')).status).toBe(202);
    expect(await host.log.line('the failure', ({ functionName }) => functionName === 'web')).toMatchObject({
      level: 'error',
      message: 'a function with the trigger http cannot be run by hand',
    });
  });

  test('takes names without regard to case, and answers 404 for one that is unknown', async () => {
    expect((await host.run('NIGHTLY')).status).toBe(202);
    const response = await host.run('unknown');
    expect([response.status, await response.text()]).toEqual([404, '']);
  });

  test('needs the master key', async () => {
    for (const key of ['', 'wrong', host.keys.function]) {
      const headers = { 'x-functions-key': key, 'content-type': 'application/json' };
      const response = await host.fetch('/admin/functions/nightly', { method: 'POST', headers, body: '{}' });
      expect(response.status).toBe(401);
    }
  });

  const bodies: Record<string, [body: string, contentType: string, status: number]> = {
    'answers 400 to a malformed body': ['{', 'application/json', 400],
    'answers 400 to an empty body': ['', 'application/json', 400],
    'answers 400 to an array': ['[]', 'application/json', 400],
    'answers 400 to an input that is an object, as the real host does': [
      '{"input":{}}',
      'application/json',
      400,
    ],
    'answers 415 to what is not JSON': ['input=x', 'application/x-www-form-urlencoded', 415],
    'takes a number for a text': ['{"input":5}', 'application/json; charset=utf-8', 202],
    'takes the name in any case': ['{"INPUT":"x"}', 'text/json', 202],
    'takes a body without input': ['{}', 'application/json', 202],
  };
  for (const [sentence, [body, contentType, status]] of Object.entries(bodies))
    test(sentence, async () => {
      const headers = { 'x-functions-key': host.keys.master, 'content-type': contentType };
      const response = await host.fetch('/admin/functions/intake', { method: 'POST', headers, body });
      expect([response.status, await response.text()]).toEqual([status, '']);
    });
});

describe('the host’s health', () => {
  test('GET /admin/host/ping answers 200 to anybody', async () => {
    expect((await host.fetch('/admin/host/ping')).status).toBe(200);
  });

  test('GET /admin/host/status tells that it runs, to who has the master key', async () => {
    expect((await host.fetch('/admin/host/status')).status).toBe(401);
    const response = await host.fetch(`/admin/host/status?code=${host.keys.master}`);
    expect(await response.json()).toMatchObject({ state: 'Running', version: expect.stringMatching(/^4\./) });
  });

  test('answers 404 to other admin paths', async () => {
    for (const path of ['/admin', '/admin/host', '/admin/host/status/more', '/admin/functions'])
      expect((await host.fetch(path)).status).toBe(404);
  });
});

test('keys are kept in the data folder', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'functions-data-'));
  const files = { 'app.mjs': '' };
  const first = await startTestHost(files, { dataFolder });
  const second = await startTestHost(files, { dataFolder });
  expect(second.keys).toEqual(first.keys);
  expect(new Set(Object.values(first.keys)).size).toBe(3);
  expect((await stat(join(dataFolder, 'keys.json'))).mode & 0o777).toBe(0o600);
  expect(await readdir(dataFolder)).not.toContainEqual(expect.stringMatching(/^keys\.json\./));
  await first.close();
  await second.close();
  await rm(dataFolder, { recursive: true });
});
