import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import { startIdentity } from '../../../infra/local/identity/start-identity.ts';
import { type RunningPart, UsageError } from '../../../infra/local/part.ts';
import { identities, type LocalCloud, openLocalCloud } from './local-cloud.ts';

const vaultScope = 'https://vault.azure.net/.default';
let cloud: LocalCloud;
let endpoint: RunningPart;

beforeAll(async () => {
  cloud = await openLocalCloud();
  endpoint = await start({ appIdentity: 'writer' });
});
afterAll(async () => {
  await endpoint.close();
  await cloud.close();
});
beforeEach(() => {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = endpoint.environment;
  vi.stubEnv('IDENTITY_ENDPOINT', IDENTITY_ENDPOINT);
  vi.stubEnv('IDENTITY_HEADER', IDENTITY_HEADER);
});
afterEach(() => {
  vi.unstubAllEnvs();
  cloud.faults.clear();
  cloud.history.clear();
});

function start(config: NonNullable<Parameters<typeof startIdentity>[0]['config']>): Promise<RunningPart> {
  const { accessTokens } = cloud;
  return startIdentity({ address: { host: '127.0.0.1', port: 0 }, context: cloud, accessTokens, config });
}

function whose(token: string, audience: string): Promise<Identity | undefined> {
  return cloud.accessTokens.verify(`Bearer ${token}`, [audience]);
}

describe('the official managed-identity credential', () => {
  it('without an id gets a token of the system-assigned identity', async () => {
    const { token, expiresOnTimestamp } = await new ManagedIdentityCredential().getToken(vaultScope);
    expect(await whose(token, 'https://vault.azure.net')).toEqual(identities.operator);
    const expiresAt = (decodeJwt(token).exp ?? 0) * 1000;
    expect(Math.abs(expiresOnTimestamp - expiresAt)).toBeLessThanOrEqual(5_000);
    expect(expiresAt - performance.timeOrigin).toBeGreaterThan(3_600_000);
  });

  const { clientId, objectId, resourceId = '' } = identities.writer;
  it.each([
    ['client id', () => new ManagedIdentityCredential({ clientId })],
    ['client id in capitals', () => new ManagedIdentityCredential({ clientId: clientId.toUpperCase() })],
    ['object id', () => new ManagedIdentityCredential({ objectId })],
    ['resource id', () => new ManagedIdentityCredential({ resourceId })],
  ])('with a %s gets a token of that identity', async (_, create) => {
    const { token } = await create().getToken(vaultScope);
    expect(await whose(token, 'https://vault.azure.net')).toEqual(identities.writer);
  });

  it('gets a token for the one resource that it asked for', async () => {
    const credential = new ManagedIdentityCredential();
    const { token } = await credential.getToken('https://storage.azure.com/.default');
    expect(await whose(token, 'https://storage.azure.com')).toEqual(identities.operator);
    expect(await whose(token, 'https://vault.azure.net')).toBeUndefined();
    const { token: other } = await credential.getToken(vaultScope);
    expect(await whose(other, 'https://vault.azure.net')).toEqual(identities.operator);
  });

  it('asks once for each resource, and from then on all credentials of the process serve themselves from one cache', async () => {
    const ask = (resource: string) =>
      new ManagedIdentityCredential({ clientId }).getToken(`${resource}/.default`);
    for (let i = 0; i < 3; i += 1) await ask('https://servicebus.azure.net');
    for (let i = 0; i < 3; i += 1) await ask('https://management.azure.com');
    expect(
      cloud.history.list({ part: 'identity' }).map(({ identity, outcome }) => [identity, outcome]),
    ).toEqual([
      ['writer', 200],
      ['writer', 200],
    ]);
  });

  it('finds the identity of the app by itself when AZURE_CLIENT_ID is set', async () => {
    expect(endpoint.environment.AZURE_CLIENT_ID).toBe(identities.writer.clientId);
    vi.stubEnv('AZURE_CLIENT_ID', endpoint.environment.AZURE_CLIENT_ID);
    vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'ManagedIdentityCredential');
    const { token } = await new DefaultAzureCredential().getToken(vaultScope);
    expect(await whose(token, 'https://vault.azure.net')).toEqual(identities.writer);
  });

  /** An identity that no other test asks tokens for, so that none is in the cache of the process. */
  const uncached = { clientId: identities.stranger.clientId, retryOptions: { maxRetries: 0 } };

  it('is refused an identity that does not exist', async () => {
    const credential = new ManagedIdentityCredential({ clientId: '00000000-0000-4000-8000-00000000dead' });
    await expect(credential.getToken(vaultScope)).rejects.toMatchObject({
      name: 'CredentialUnavailableError',
      message: expect.stringContaining('No User Assigned or Delegated Managed Identity found'),
    });
  });

  it('is refused a resource that nobody knows', async () => {
    const token = new ManagedIdentityCredential().getToken('https://example.com/.default');
    await expect(token).rejects.toThrow('AADSTS500011: The resource principal named https://example.com');
  });

  it('tries again after a failure of the endpoint', async () => {
    cloud.faults.inject({ part: 'identity', effect: { kind: 'fail' }, times: 1 });
    const credential = new ManagedIdentityCredential({ retryOptions: { maxRetries: 1, retryDelayInMs: 1 } });
    const { token } = await credential.getToken('https://management.azure.com/.default');
    expect(await whose(token, 'https://management.azure.com')).toEqual(identities.operator);
    expect(cloud.history.list().map(({ outcome }) => outcome)).toEqual([500, 200]);
  });

  it.each([
    ['throttled', 'https://containerregistry.azure.net', { kind: 'throttle' }],
    ['cut off', 'https://vault.azure.net', { kind: 'damage', how: 'cut' }],
    ['given a garbled token', 'https://storage.azure.com', { kind: 'damage', how: 'garble' }],
    ['dropped', 'https://servicebus.azure.net', { kind: 'drop', when: 'before' }],
  ] as const)('fails when it is %s, and works again afterwards', async (_, resource, effect) => {
    cloud.faults.inject({ part: 'identity', effect });
    const credential = new ManagedIdentityCredential(uncached);
    await expect(credential.getToken(`${resource}/.default`)).rejects.toThrow();
    cloud.faults.clear();
    const { token } = await credential.getToken(`${resource}/.default`);
    expect(await whose(token, resource)).toEqual(identities.stranger);
  });
});

describe('the endpoint', () => {
  const ask = (query: string, headers?: Record<string, string>, method = 'GET') =>
    fetch(`${endpoint.environment.IDENTITY_ENDPOINT}${query}`, {
      method,
      headers: headers ?? { 'X-IDENTITY-HEADER': endpoint.environment.IDENTITY_HEADER ?? '' },
    });

  it('answers in the form of App Service, with the resource as it was asked for', async () => {
    const answer = await ask('?api-version=2019-08-01&resource=https://vault.azure.net/');
    const body = (await answer.json()) as Record<string, string>;
    expect(body).toEqual({
      access_token: expect.any(String),
      expires_on: expect.stringMatching(/^\d{10}$/),
      resource: 'https://vault.azure.net/',
      token_type: 'Bearer',
      client_id: identities.operator.clientId,
    });
    expect(decodeJwt(body.access_token ?? '')).toMatchObject({
      aud: 'https://vault.azure.net/',
      iss: expect.stringMatching(/^https:\/\/sts\.windows\.net\/[0-9a-f-]{36}\/$/),
      oid: identities.operator.objectId,
      appid: identities.operator.clientId,
    });
  });

  const good = 'api-version=2019-08-01&resource=https://vault.azure.net';
  it.each([
    ['another api-version', '?api-version=2017-09-01&resource=https://vault.azure.net', 400],
    ['no api-version', '?resource=https://vault.azure.net', 400],
    ['no resource', '?api-version=2019-08-01', 400],
    [
      'two ids',
      `?${good}&client_id=${identities.writer.clientId}&principal_id=${identities.writer.objectId}`,
      400,
    ],
    ['an unknown resource id', `?${good}&mi_res_id=/subscriptions/none`, 400],
    ['another path', '/other', 404],
  ])('refuses %s', async (_, query, status) => {
    const answer = await ask(query);
    expect([answer.status, await answer.json()]).toEqual([
      status,
      {
        statusCode: status,
        message: expect.any(String),
        correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    ]);
  });

  it('refuses another method, a missing header and an empty one', async () => {
    expect((await ask(`?${good}`, undefined, 'POST')).status).toBe(405);
    expect((await ask(`?${good}`, {})).status).toBe(401);
    expect((await ask(`?${good}`, { 'X-IDENTITY-HEADER': '' })).status).toBe(401);
  });

  it('never tells a token in the request history', async () => {
    await ask(`?${good}`);
    expect(JSON.stringify(cloud.history.list())).not.toMatch(/eyJ/);
  });
});

describe('starting the endpoint', () => {
  it('takes the configured header, or makes a new one at each start', async () => {
    const [one, two, fixed] = await Promise.all([start({}), start({}), start({ header: 'fixed' })]);
    expect(one.environment.IDENTITY_HEADER).not.toBe(two.environment.IDENTITY_HEADER);
    expect(one.environment.IDENTITY_HEADER).toMatch(/^[0-9a-f-]{36}$/);
    expect(fixed.environment).toEqual({
      IDENTITY_ENDPOINT: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/msi\/token$/),
      IDENTITY_HEADER: 'fixed',
    });
    await Promise.all([one.close(), two.close(), fixed.close()]);
  });

  it('sets no client id for a system-assigned identity, which clients get without naming it', async () => {
    const part = await start({ appIdentity: 'operator' });
    expect(part.environment).not.toHaveProperty('AZURE_CLIENT_ID');
    await part.close();
  });

  it('refuses an identity of the app that does not exist', async () => {
    const error = await start({ appIdentity: 'nobody' }).catch((reason: unknown) => reason);
    expect(error).toEqual(new UsageError('identity: appIdentity: there is no identity "nobody"'));
  });
});
