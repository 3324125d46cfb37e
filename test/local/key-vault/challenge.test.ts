import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpsRequest } from '../identity/https-request.ts';
import { identities } from '../identity/local-cloud.ts';
import { startVaultUnderTest, type VaultUnderTest } from './vault-under-test.ts';

const version = 'api-version=2026-04-01';
const json = { 'content-type': 'application/json' };
let vault: VaultUnderTest;
let bearer: Record<string, string>;

beforeAll(async () => {
  vault = await startVaultUnderTest();
  bearer = await bearerFor('https://vault.azure.net');
});
afterAll(() => vault.close());

async function bearerFor(resource: string): Promise<Record<string, string>> {
  const { accessToken } = await vault.cloud.accessTokens.mint(identities.operator, resource);
  return { authorization: `Bearer ${accessToken}` };
}

function ask(method: string, path: string, headers: Record<string, string>, body?: string) {
  const ca = vault.cloud.certificates.authority;
  return httpsRequest(`${vault.url}${path}`, {
    ca,
    method,
    headers: { ...json, ...headers },
    ...(body ? { body } : {}),
  });
}

describe('a request without a bearer token', () => {
  it.each([
    ['PUT', `/secrets/name?${version}`],
    ['GET', `/secrets/name/?${version}`],
    ['GET', '/secrets'],
    ['DELETE', '/secrets/name'],
    ['PUT', '/secrets/'],
    ['GET', '/nowhere'],
  ])('is challenged: %s %s', async (method, path) => {
    const answer = await ask(method, path, {});
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer authorization="https:\/\/login\.windows\.net\/[0-9a-f-]{36}", resource="https:\/\/vault\.azure\.net"$/,
    );
    expect(JSON.parse(answer.body)).toEqual({
      error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' },
    });
  });

  it('stores nothing, so that the first value of a client is not lost', async () => {
    const client = vault.client(identities.operator);
    await client.setSecret('first', 'first value');
    const [challenge, stored, ...others] = vault.cloud.history
      .list()
      .filter(({ request }) => request.includes('/first'));
    expect([challenge?.outcome, stored?.outcome, others]).toEqual([401, 200, []]);
    expect((await client.getSecret('first')).value).toBe('first value');
  });
});

describe('a token', () => {
  it('for another resource is refused and challenged', async () => {
    const answer = await ask('GET', `/secrets?${version}`, await bearerFor('https://management.azure.com/'));
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([
      401,
      {
        code: 'Unauthorized',
        message:
          'AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com/.',
      },
    ]);
    expect(answer.headers['www-authenticate']).toContain('resource="https://vault.azure.net"');
  });

  it('may name the resource with a slash at its end', async () => {
    const answer = await ask('GET', `/secrets?${version}`, await bearerFor('https://vault.azure.net/'));
    expect(answer.status).toBe(200);
  });

  it('that somebody else has signed is refused', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await new SignJWT({ oid: identities.operator.objectId })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setSubject(identities.operator.objectId)
      .setAudience('https://vault.azure.net')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
    const answer = await ask('GET', `/secrets?${version}`, { authorization: `Bearer ${forged}` });
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([401, 'Unauthorized']);
  });

  it.each(['Bearer', 'Bearer not.a.token', 'Basic dXNlcjpwYXNz', 'SharedKey x'])(
    'is not %s',
    async (authorization) => {
      const answer = await ask('GET', `/secrets?${version}`, { authorization });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBeDefined();
    },
  );
});

describe('the api-version', () => {
  it.each(['7.0', '7.3', '7.4-preview.1', '7.6', '2025-07-01', '2026-04-01'])('can be %s', async (known) => {
    expect((await ask('GET', `/secrets?api-version=${known}`, bearer)).status).toBe(200);
    expect((await ask('GET', `/secrets?api%2Dversion=${known}`, bearer)).status).toBe(200);
  });

  it.each(['', '?api-version=', '?api-version=1.0', '?api-version=latest'])(
    'cannot be "%s"',
    async (query) => {
      const answer = await ask('GET', `/secrets${query}`, bearer);
      expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([400, 'BadParameter']);
    },
  );
});

describe('a path', () => {
  it('with an empty name is refused as on Azure', async () => {
    const answer = await ask('PUT', `/secrets/?${version}`, bearer, '{"value":"x"}');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      405,
      { error: { code: 'MethodNotAllowed', message: 'HTTP PUT not allowed' } },
    ]);
  });

  it.each([
    ['POST', '/secrets', 405, 'MethodNotAllowed'],
    ['PUT', `/secrets/name/${'0'.repeat(32)}`, 405, 'MethodNotAllowed'],
    ['GET', '/deletedsecrets/name/recover', 405, 'MethodNotAllowed'],
    ['GET', '/keys', 501, 'NotImplemented'],
    ['GET', '/deletedcertificates/name', 501, 'NotImplemented'],
    ['GET', '/', 404, 'NotFound'],
    ['GET', '/secrets/a/b/c', 404, 'NotFound'],
    ['GET', '/secrets/%ff', 400, 'BadParameter'],
    ['GET', '/secrets/a%2Fb', 400, 'BadParameter'],
  ])('that is unknown is refused: %s %s', async (method, path, status, code) => {
    const answer = await ask(method, `${path}?${version}`, bearer);
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([status, code]);
  });
});

describe('every answer', () => {
  it('carries the headers and the members that Azure was recorded with', async () => {
    const id = { 'x-ms-client-request-id': '6bfa7551-c427-44be-8cdc-343a8a9c49a7' };
    const answer = await ask('PUT', `/secrets/recorded?${version}`, { ...bearer, ...id }, '{"value":"x"}');
    expect(answer.headers).toMatchObject({
      ...id,
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'content-type': 'application/json; charset=utf-8',
      'strict-transport-security': 'max-age=31536000;includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-ms-keyvault-region': 'westeurope',
      'x-ms-keyvault-service-version': expect.any(String),
      'x-ms-keyvault-network-info': expect.any(String),
      'x-ms-keyvault-rbac-assignment-id': expect.any(String),
      'x-ms-keyvault-rbac-cache': expect.any(String),
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const body = JSON.parse(answer.body);
    expect(Object.keys(body).toSorted()).toEqual(['attributes', 'id', 'value']);
    expect(Object.keys(body.attributes).toSorted()).toEqual([
      'created',
      'enabled',
      'recoverableDays',
      'recoveryLevel',
      'updated',
    ]);
    const refused = await ask('GET', `/secrets/missing?${version}`, { ...bearer, ...id });
    expect(refused.headers).toMatchObject({
      ...id,
      'cache-control': 'no-cache',
      'x-ms-keyvault-region': 'westeurope',
    });
  });

  it('of a list ends with a next page or with none at all', async () => {
    for (const name of ['page-a', 'page-b'])
      await ask('PUT', `/secrets/${name}?${version}`, bearer, '{"value":"x"}');
    const first = JSON.parse((await ask('GET', `/secrets/page-a/versions?${version}`, bearer)).body);
    expect(first.nextLink).toBeNull();
    const page = JSON.parse((await ask('GET', `/secrets?${version}&maxresults=1`, bearer)).body);
    const next = new URL(page.nextLink);
    expect(`${next.origin}${next.pathname}`).toBe(`${vault.url}/secrets`);
    expect([...next.searchParams.keys()].toSorted()).toEqual(['$skiptoken', 'api-version', 'maxresults']);
    expect((await ask('GET', `${next.pathname}${next.search}`, bearer)).status).toBe(200);
    const broken = await ask('GET', `/secrets?${version}&$skiptoken=broken`, bearer);
    expect([broken.status, JSON.parse(broken.body).error.code]).toEqual([400, 'BadParameter']);
  });
});
