import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bearer, type RegistryUnderTest, startRegistryUnderTest } from './registry-under-test.ts';

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

let upstream: Server;
let upstreamUrl: string;
let handle: Handler;
let registry: RegistryUnderTest;
let authorization: Record<string, string>;
const uploads = '/v2/samples/blobs/uploads/';

beforeAll(async () => {
  upstream = createServer((incoming, outgoing) => handle(incoming, outgoing));
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const address = upstream.address();
  upstreamUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  registry = await startRegistryUnderTest({ registries: [{ name: 'contoso', upstream: upstreamUrl }] });
  const password = await registry.createToken('first-token', [
    'repositories/samples/content/read',
    'repositories/samples/content/write',
  ]);
  const login = await registry.logIn('first-token', password, ['repository:samples:pull,push']);
  authorization = bearer(login.accessToken);
});
afterAll(async () => {
  await registry.close();
  upstream.closeAllConnections();
  upstream.close();
});
beforeEach(() => {
  handle = (_, outgoing) => outgoing.end();
});

describe('the login server in front of a registry that holds images', () => {
  it('keeps clients on itself: a link to the registry behind becomes one to the login server', async () => {
    const server = registry.loginServer();
    for (const [location, seen] of [
      [`${uploads}some-id?_state=abc`, `https://${server}${uploads}some-id?_state=abc`],
      [`${upstreamUrl}${uploads}some-id?_state=a%2Bc`, `https://${server}${uploads}some-id?_state=a%2Bc`],
      ['https://elsewhere.example/blob', 'https://elsewhere.example/blob'],
    ] as const) {
      handle = (_, outgoing) => outgoing.writeHead(202, { location }).end();
      const answer = await registry.ask(uploads, { method: 'POST', headers: authorization });
      expect([answer.status, answer.headers.location]).toEqual([202, seen]);
    }
  });

  it('passes on path, query, body and the headers that matter, but not who asks', async () => {
    let seen: { url?: string; headers?: IncomingMessage['headers']; body?: string } = {};
    handle = async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const { url = '', headers } = incoming;
      seen = { url, headers, body: Buffer.concat(chunks).toString() };
      outgoing.writeHead(201, { 'docker-content-digest': 'sha256:00' }).end();
    };
    const answer = await registry.ask('/v2/samples/manifests/v1?x=%2F', {
      method: 'PUT',
      headers: {
        ...authorization,
        'content-type': 'application/vnd.oci.image.manifest.v1+json',
        cookie: 'a=b',
      },
      body: '{"schemaVersion":2}',
    });
    expect([answer.status, answer.headers['docker-content-digest']]).toEqual([201, 'sha256:00']);
    expect(seen).toMatchObject({ url: '/v2/samples/manifests/v1?x=%2F', body: '{"schemaVersion":2}' });
    expect(seen.headers).toMatchObject({ 'content-type': 'application/vnd.oci.image.manifest.v1+json' });
    expect(seen.headers).not.toHaveProperty('authorization');
    expect(seen.headers).not.toHaveProperty('cookie');
  });

  it('asks nothing of it that the access token does not cover', async () => {
    let asked = 0;
    handle = (_, outgoing) => {
      asked += 1;
      outgoing.end();
    };
    const refused = await registry.ask('/v2/samples/manifests/v1', {
      method: 'DELETE',
      headers: authorization,
    });
    const other = await registry.ask('/v2/others/manifests/v1', { headers: authorization });
    const mounted = await registry.ask(`${uploads}?mount=sha256:00&from=others`, {
      method: 'POST',
      headers: authorization,
    });
    expect([refused.status, other.status, mounted.status, asked]).toEqual([401, 401, 401, 0]);
  });

  it('says how large a blob is without sending it', async () => {
    handle = (_, outgoing) => outgoing.writeHead(200, { 'content-length': '123456' }).end();
    const answer = await registry.ask('/v2/samples/blobs/sha256:00', {
      method: 'HEAD',
      headers: authorization,
    });
    expect([answer.status, answer.headers['content-length'], answer.body]).toEqual([200, '123456', '']);
  });

  it('streams: the first part of an answer arrives while the rest is still to come', async () => {
    const sent = Promise.withResolvers<ServerResponse>();
    handle = (_, outgoing) => {
      outgoing.write('first');
      sent.resolve(outgoing);
    };
    const outgoing = request(`https://${registry.loginServer()}/v2/samples/blobs/sha256:00`, {
      ca: registry.cloud.certificates.authority,
      headers: authorization,
      agent: false,
    }).end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const [first] = (await once(incoming, 'data')) as [Buffer];
    expect(first.toString()).toBe('first');
    (await sent.promise).end('second');
    const [second] = (await once(incoming, 'data')) as [Buffer];
    expect(second.toString()).toBe('second');
    await once(incoming, 'end');
  });

  it('streams what is pushed, too, and lets go of it when the client leaves', async () => {
    const received = Promise.withResolvers<string>();
    const gone = Promise.withResolvers<void>();
    handle = (incoming) => {
      incoming.once('data', (chunk: Buffer) => received.resolve(chunk.toString()));
      incoming.once('close', () => gone.resolve());
      incoming.on('error', () => {});
    };
    const outgoing = request(`https://${registry.loginServer()}${uploads}some-id`, {
      method: 'PATCH',
      ca: registry.cloud.certificates.authority,
      headers: authorization,
      agent: false,
    });
    outgoing.on('error', () => {});
    outgoing.write('part of a layer');
    expect(await received.promise).toBe('part of a layer');
    outgoing.destroy();
    await gone.promise;
    handle = (_, answer) => answer.end();
    expect((await registry.ask('/v2/samples/manifests/v1', { headers: authorization })).status).toBe(200);
  });
});
