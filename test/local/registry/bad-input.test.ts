import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PartApp } from '../../../infra/local/http/serve.ts';
import { AccessTokens } from '../../../infra/local/identity/access-tokens.ts';
import type { ContainerRegistry } from '../../../infra/local/registry/container-registry.ts';
import { createLoginServerApp } from '../../../infra/local/registry/login-server/login-server.ts';
import { Nodes } from '../../../infra/local/registry/login-server/nodes.ts';
import { RegistryAccessTokens } from '../../../infra/local/registry/login-server/registry-access-tokens.ts';
import { registryConfigSchema } from '../../../infra/local/registry/registry-config.ts';
import { RegistryStore } from '../../../infra/local/registry/registry-store.ts';
import { Operations } from '../../../infra/local/registry/resource-manager/operations.ts';
import { RequestLimits } from '../../../infra/local/registry/resource-manager/request-limits.ts';
import { createResourceManagerApp } from '../../../infra/local/registry/resource-manager/resource-manager-app.ts';
import { identities } from '../identity/local-cloud.ts';
import {
  bearer,
  group,
  type RegistryUnderTest,
  registryId,
  startRegistryUnderTest,
} from './registry-under-test.ts';

const plenty = { capacity: 1_000_000, refillPerSecond: 1_000_000 };
const limits = { readLimit: plenty, writeLimit: plenty, deleteLimit: plenty };

let registry: RegistryUnderTest;
let contoso: ContainerRegistry;
let resourceManager: PartApp;
let loginServer: PartApp;
let authorization: Record<string, string>;
let access: Record<string, string>;

beforeAll(async () => {
  registry = await startRegistryUnderTest({ settings: limits });
  const { cloud } = registry;
  const config = registryConfigSchema.parse({ resourceGroup: group, settings: limits });
  const store = new RegistryStore(config, cloud.clock);
  const accessTokens = await AccessTokens.open(
    join(cloud.folder, 'signing-key.json'),
    Object.values(identities),
  );
  const operations = new Operations(store);
  resourceManager = createResourceManagerApp({
    store,
    operations,
    limits: new RequestLimits(),
    accessTokens,
  });
  const [first] = store.registries;
  if (!first) throw new Error('There is no registry');
  contoso = first;
  contoso.loginServer = 'localhost:1';
  const registryAccessTokens = await RegistryAccessTokens.create();
  const nodes = new Nodes(3, 'test');
  loginServer = createLoginServerApp({ registry: contoso, store, accessTokens: registryAccessTokens, nodes });
  const { accessToken } = await accessTokens.mint(identities.operator, 'https://management.azure.com');
  authorization = bearer(accessToken);
  const everything = ['pull', 'push', 'delete', 'metadata_read'].map((action) => action);
  access = bearer(
    await registryAccessTokens.mint(
      { subject: 'first-token', access: [{ type: 'repository', name: 'samples', actions: everything }] },
      { loginServer: 'localhost:1', now: cloud.clock.now(), minutes: 60 },
    ),
  );
});
afterAll(() => registry.close());

const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const word = fc.oneof(
  { weight: 3, arbitrary: anyText.map(encodeURIComponent) },
  fc.constantFrom(
    '',
    '.',
    '..',
    '%zz',
    '%2e%2e',
    '%00',
    '*',
    'contoso',
    'tokens',
    'scopeMaps',
    'first-token',
  ),
  fc.constantFrom(
    'v2',
    '_catalog',
    'samples',
    'manifests',
    'blobs',
    'uploads',
    'tags',
    'list',
    'oauth2',
    'token',
  ),
);
const path = fc.array(word, { maxLength: 12 }).map((words) => `/${words.join('/')}`);
const method = fc.constantFrom('GET', 'PUT', 'PATCH', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND');

const resource = fc.constantFrom(
  '/tokens/first-token',
  '/scopeMaps/first-token',
  '/generateCredentials',
  '/regenerateCredential',
  '',
);
/** A value that is right, or anything at all. */
const or = (...right: unknown[]) => fc.oneof(fc.constantFrom(...right), fc.jsonValue({ maxDepth: 2 }));
const nearlyRight = fc.record(
  {
    tokenId: or(`${registryId}/tokens/first-token`, registryId),
    name: or('password1', 'password'),
    expiry: or(
      '2100-01-01T00:00:00Z',
      '2100-02-31T25:00:00Z',
      '0000-00-00T00:00:00',
      '9999-12-31T23:59:59-14:00',
    ),
    properties: fc.oneof(
      fc.record(
        {
          scopeMapId: or(`${registryId}/scopeMaps/_repositories_pull`),
          status: or('enabled'),
          actions: or(['repositories/samples/content/read']),
          description: or('mine'),
          credentials: or({ passwords: [] }, { passwords: [{ name: 'password1' }] }, { passwords: [{}] }),
          adminUserEnabled: or(true, false),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  nearlyRight.map((value) => JSON.stringify(value)),
  anyText,
);

/** Fails unless the answer is none of the server's faults, and an error in Azure Resource Manager's shape if it is one. */
async function expectResourceManagerAnswer(status: number, text: string, headMethod: boolean): Promise<void> {
  expect(status).toBeLessThan(500);
  if (status < 400 || headMethod) return;
  const { error } = JSON.parse(text) as { error: unknown };
  expect(error).toEqual({ code: expect.stringMatching(/^[A-Za-z]+$/), message: expect.any(String) });
}

async function expectLoginServerAnswer(status: number, text: string, headMethod: boolean): Promise<void> {
  expect(status).toBeLessThan(500);
  if (status < 400 || headMethod) return;
  const { errors } = JSON.parse(text) as { errors: { code: unknown; message: unknown }[] };
  expect(errors).toEqual([
    expect.objectContaining({ code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) }),
  ]);
}

describe('bad input', () => {
  it('in 5,000 bodies gets Azure Resource Manager’s kind of answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('PUT', 'PATCH', 'POST'), resource, body, async (verb, where, text) => {
        const answer = await resourceManager.request(`${registryId}${where}?api-version=2025-11-01`, {
          method: verb,
          headers: { ...authorization, 'content-type': 'application/json' },
          body: text,
        });
        await expectResourceManagerAnswer(answer.status, await answer.text(), false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('in 2,500 paths and queries gets Azure Resource Manager’s kind of answer', async () => {
    const prefix = fc.constantFrom(
      '',
      registryId,
      `${registryId}/tokens`,
      '/subscriptions',
      registryId.slice(0, 80),
    );
    await fc.assert(
      fc.asyncProperty(method, prefix, path, anyText, async (verb, start, rest, query) => {
        const url = `${start}${rest}?api-version=2025-11-01&$skiptoken=${encodeURIComponent(query)}`;
        const answer = await resourceManager.request(url, { method: verb, headers: authorization });
        await expectResourceManagerAnswer(answer.status, await answer.text(), verb === 'HEAD');
        if (!contoso.exists) contoso.recreate('2026-03-01T12:00:00.0000000+00:00', undefined);
      }),
      { numRuns: 2_500 },
    );
  });

  it('in 2,500 requests gets the login server’s kind of answer', async () => {
    const prefix = fc.constantFrom('', '/v2', '/v2/samples', '/oauth2/token');
    const headers = fc.oneof(
      fc.constant({}),
      fc.constant('access' as const),
      anyText.map((text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })),
      anyText.map((text) => ({ authorization: `Bearer ${encodeURIComponent(text)}` })),
    );
    await fc.assert(
      fc.asyncProperty(method, prefix, path, headers, body, async (verb, start, rest, given, text) => {
        const url = `${start}${rest}?service=localhost:1&scope=${encodeURIComponent(text.slice(0, 50))}`;
        const hasBody = verb === 'PUT' || verb === 'PATCH' || verb === 'POST';
        const answer = await loginServer.request(url, {
          method: verb,
          headers: given === 'access' ? access : given,
          ...(hasBody ? { body: text } : {}),
        });
        await expectLoginServerAnswer(answer.status, await answer.text(), verb === 'HEAD');
      }),
      { numRuns: 2_500 },
    );
  });

  it('over the wire gets the same kinds of answers', async () => {
    await fc.assert(
      fc.asyncProperty(resource, body, path, async (where, text, rest) => {
        const put = await registry.arm(where, { method: 'PUT', body: text });
        await expectResourceManagerAnswer(put.status, put.body, false);
        const asked = await registry.ask(`/v2${rest}`, { method: 'POST', body: text });
        await expectLoginServerAnswer(asked.status, asked.body, false);
      }),
      { numRuns: 200 },
    );
  });

  it('that is neither TLS nor HTTP harms nobody', async () => {
    const endpoints = Object.values(registry.running.endpoints).map((endpoint) =>
      Number(new URL(endpoint).port),
    );
    const ca = registry.cloud.certificates.authority;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...endpoints),
        fc.uint8Array({ minLength: 1 }),
        async (port, bytes) => {
          for (const socket of [
            connect({ port, host: '127.0.0.1' }),
            connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca }),
          ]) {
            const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
            socket.on('error', () => {});
            socket.resume();
            socket.end(bytes);
            await ended;
          }
        },
      ),
      { numRuns: 50 },
    );
    expect((await registry.arm('')).status).toBe(200);
    expect((await registry.ask('/v2/')).status).toBe(401);
  });
});
