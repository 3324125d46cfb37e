import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../support/start-test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startTestHost({
    'app.mjs': `import { app } from '@azure/functions';
      const all = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
      app.http('echo', { methods: all, route: 'echo/{*path}', handler: async (request) => ({ jsonBody: {
        method: request.method, url: request.url, query: [...request.query], params: request.params,
        headers: Object.fromEntries(request.headers), body: [...new Uint8Array(await request.arrayBuffer())] } }) });
      app.http('plain', { handler: () => ({ body: 'text' }) });
      app.http('a-general', { route: 'things/{id}', handler: (request) => ({ body: 'general ' + request.params.id }) });
      app.http('b-special', { route: 'things/special', handler: () => ({ body: 'special' }) });
      app.http('typed', { route: 'typed/{id:int?}', handler: (request) => ({ jsonBody: request.params }) });
      app.get('onlyGet', () => ({ body: 'got' }));`,
  });
});
afterAll(() => host.close());

interface Echo {
  method: string;
  url: string;
  query: [string, string][];
  params: Record<string, string>;
  headers: Record<string, string>;
  body: number[];
}

async function echo(path: string, init?: RequestInit): Promise<Echo> {
  return (await (await host.fetch(path, init)).json()) as Echo;
}

describe('what a function gets', () => {
  test('the method, and an absolute URL with the query as it was sent', async () => {
    const { method, url } = await echo('/api/echo/a%20b/%2F?x=1%202&x', { method: 'PATCH' });
    expect(method).toBe('PATCH');
    expect(url).toBe(`http://127.0.0.1:${host.port}/api/echo/a%20b/%2F?x=1%202&x`);
  });

  test('route parameters, decoded but for slashes', async () => {
    expect((await echo('/api/echo/a%20b/c%2Fd')).params).toEqual({ path: 'a b/c%2Fd' });
    expect((await echo('/api/echo')).params).toEqual({});
  });

  test('TRAP: several values of a query name as one, with commas', async () => {
    expect((await echo('/api/echo?x=1&y=2&X=3')).query).toEqual([
      ['x', '1,3'],
      ['y', '2'],
    ]);
  });

  test('headers with lower-case names', async () => {
    const { headers } = await echo('/api/echo', { headers: { 'X-Mixed-Case': 'Value' } });
    expect(headers['x-mixed-case']).toBe('Value');
  });

  test('a binary body, byte for byte', async () => {
    const body = new Uint8Array(70_000).map((_, index) => index % 256);
    expect((await echo('/api/echo', { method: 'POST', body })).body).toEqual([...body]);
  });

  test('no body for GET', async () => {
    const received = await new Promise<string>((resolve, reject) => {
      const options = { port: host.port, path: '/api/echo', method: 'GET', headers: { 'content-length': 4 } };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      request.on('error', reject).end('body');
    });
    expect(JSON.parse(received).body).toEqual([]);
  });

  test('TRAP: no body that comes in chunks, without Content-Length; the log says so', async () => {
    const body = new Blob(['in chunks']).stream();
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
    expect((await echo('/api/echo', init)).body).toEqual([]);
    await host.log.line(
      'the warning',
      ({ level, message }) => level === 'warning' && message.includes('in chunks'),
    );
  });
});

describe('which function is called', () => {
  test('TRAP: the first by name whose route matches, not the one that matches best', async () => {
    expect(await (await host.fetch('/api/things/special')).text()).toBe('general special');
  });

  test('one whose constraint the path meets', async () => {
    expect(await (await host.fetch('/api/typed/5')).json()).toEqual({ id: '5' });
    expect(await (await host.fetch('/api/typed')).json()).toEqual({});
    expect((await host.fetch('/api/typed/five')).status).toBe(404);
  });

  test('whatever the case of the path, and with a slash at its end', async () => {
    expect(await (await host.fetch('/API/PLAIN/')).text()).toBe('text');
  });

  test('none for another path: 404 with an empty body', async () => {
    for (const path of ['/api/unknown', '/plain', '/api//plain', '/api/plain/more']) {
      const response = await host.fetch(path);
      expect([path, response.status, await response.text()]).toEqual([path, 404, '']);
    }
  });

  test('TRAP: none for a method that it does not take: 404, not 405, as on the real host', async () => {
    for (const method of ['POST', 'HEAD', 'OPTIONS']) {
      const response = await host.fetch('/api/onlyGet', { method });
      expect([method, response.status, await response.text()]).toEqual([method, 404, '']);
    }
  });

  test('the home page is at the root', async () => {
    const response = await host.fetch('/');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html');
  });
});
test('a body of more than 100 MB is refused with 413', async () => {
  const status = await new Promise<number | undefined>((resolve) => {
    const length = 100 * 1024 * 1024 + 1;
    const options = {
      port: host.port,
      path: '/api/echo',
      method: 'POST',
      headers: { 'content-length': length },
    };
    const request = httpRequest(options, (response) => resolve(response.statusCode));
    request.on('error', () => resolve(undefined));
    request.end(Buffer.alloc(length));
  });
  expect(status).toBe(413);
});

describe('a route prefix', () => {
  for (const [prefix, path] of [
    ['v1/api', '/v1/api/plain'],
    ['', '/plain'],
  ] as const)
    test(`"${prefix}" of host.json`, async () => {
      const other = await startTestHost({
        'app.mjs': `import { app } from '@azure/functions'; app.http('plain', { handler: () => ({ body: 'text' }) });`,
        'host.json': { version: '2.0', extensions: { http: { routePrefix: prefix } } },
      });
      expect(await (await other.fetch(path)).text()).toBe('text');
      expect((await other.fetch('/api/plain')).status).toBe(404);
      await other.close();
    });
});
