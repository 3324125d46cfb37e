import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../support/start-test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startTestHost({
    'app.mjs': `import { app } from '@azure/functions';
      app.http('withKey', { authLevel: 'function', handler: () => ({ body: 'in' }) });
      app.http('withMaster', { authLevel: 'admin', handler: () => ({ body: 'in' }) });
      app.http('switchedOff', { handler: () => ({ body: 'ran' }) });
      const answers = {
        buffer: { body: Buffer.from([0, 255, 1]), headers: { 'content-type': 'image/png' } },
        stream: { body: new Blob(['from a stream']).stream() },
        status: { status: 201, headers: { 'x-one': 'a', location: '/there' }, jsonBody: { created: true } },
        'no-body': { status: 204 }, 'empty': {}, 'nothing': undefined, 'null': null, 'text': 'not an object', 'bad-header': { headers: { 'x-bad': 'a\\u0100b' } },
        'bad-status': { status: 99 },
        cookies: { cookies: [
          { name: 'plain', value: 'a b' },
          { name: 'full', value: '1', domain: 'x.org', path: '/p', expires: new Date('2030-01-01T00:00:00Z'), maxAge: 60, secure: true, httpOnly: true, sameSite: 'None' },
          { name: 'lax', value: '2', sameSite: 'Lax' } ] } };
      app.http('answers', { route: 'answers/{which}', handler: (request) => answers[request.params.which] });`,
    'local.settings.json': { Values: { 'AzureWebJobs.switchedOff.Disabled': 'true' } },
  });
});
afterAll(() => host.close());

describe('keys', () => {
  async function status(path: string, key: string | undefined, place: 'header' | 'query'): Promise<number> {
    if (key === undefined) return (await host.fetch(path)).status;
    if (place === 'query') return (await host.fetch(`${path}?code=${key}`)).status;
    return (await host.fetch(path, { headers: { 'x-functions-key': key } })).status;
  }

  for (const place of ['header', 'query'] as const) {
    test(`open a function of level function (${place})`, async () => {
      expect(await status('/api/withKey', undefined, place)).toBe(401);
      expect(await status('/api/withKey', 'wrong', place)).toBe(401);
      expect(await status('/api/withKey', host.keys.function, place)).toBe(200);
      expect(await status('/api/withKey', host.keys.master, place)).toBe(200);
    });

    test(`open a function of level admin, the master key only (${place})`, async () => {
      expect(await status('/api/withMaster', host.keys.function, place)).toBe(401);
      expect(await status('/api/withMaster', host.keys.master, place)).toBe(200);
    });
  }

  test('of the header come before those of the query', async () => {
    const headers = { 'x-functions-key': 'wrong' };
    expect((await host.fetch(`/api/withKey?code=${host.keys.function}`, { headers })).status).toBe(401);
  });

  test('do not show in the log', async () => {
    await host.fetch(`/api/withKey?code=${host.keys.function}`);
    expect(JSON.stringify(host.log.lines)).not.toContain(host.keys.function);
  });

  test('the master key runs a function that is switched off; for others it is not there', async () => {
    expect(await status('/api/switchedOff', undefined, 'header')).toBe(404);
    expect(await status('/api/switchedOff', host.keys.function, 'header')).toBe(404);
    expect(await status('/api/switchedOff', host.keys.master, 'header')).toBe(200);
  });
});

describe('what a function answers', () => {
  test('bytes', async () => {
    const response = await host.fetch('/api/answers/buffer');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255, 1]));
  });

  test('a stream', async () => {
    expect(await (await host.fetch('/api/answers/stream')).text()).toBe('from a stream');
  });

  test('status, headers and JSON', async () => {
    const response = await host.fetch('/api/answers/status');
    expect(response.status).toBe(201);
    expect(response.headers.get('x-one')).toBe('a');
    expect(response.headers.get('location')).toBe('/there');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ created: true });
  });

  const statuses: Record<string, number> = {
    'no-body': 204,
    empty: 200,
    nothing: 204,
    null: 204,
    text: 500,
    'bad-status': 500,
    'bad-header': 500,
  };
  for (const [which, status] of Object.entries(statuses))
    test(`${which}: ${status} with an empty body`, async () => {
      const response = await host.fetch(`/api/answers/${which}`);
      expect([response.status, await response.text()]).toEqual([status, '']);
    });

  test('cookies, as ASP.NET Core writes them', async () => {
    const response = await host.fetch('/api/answers/cookies');
    expect(response.headers.getSetCookie()).toEqual([
      'plain=a%20b; path=/',
      'full=1; expires=Tue, 01 Jan 2030 00:00:00 GMT; max-age=60; domain=x.org; path=/p; secure; samesite=none; httponly',
      'lax=2; path=/; samesite=lax',
    ]);
  });

  test('is told in one line of the log, without the query', async () => {
    await host.fetch('/api/answers/status?secret=1');
    const line = await host.log.line('the run', ({ message }) => message.includes('/api/answers/status'));
    expect(line).toMatchObject({ outcome: 'succeeded', level: 'information', category: 'Function.answers' });
    expect(line.message).toMatch(/^succeeded in \d+ ms \(HTTP GET \/api\/answers\/status → 201\)$/);
  });
});
