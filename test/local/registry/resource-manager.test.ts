import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { tenantId } from '../../../infra/local/identity/access-tokens.ts';
import { startIdentity } from '../../../infra/local/identity/start-identity.ts';
import { httpsRequest } from '../identity/https-request.ts';
import { identities } from '../identity/local-cloud.ts';
import {
  all,
  apiVersion,
  bearer,
  failureOf,
  group,
  type RegistryUnderTest,
  registryId,
  startRegistryUnderTest,
  subscriptionId,
} from './registry-under-test.ts';

let registry: RegistryUnderTest;
const tokenPath = `${registryId}/tokens/first-token`;
const versionQuery = `?api-version=${apiVersion}`;

beforeAll(async () => {
  registry = await startRegistryUnderTest();
});
afterAll(() => registry.close());
beforeEach(() => registry.running.reset());
afterEach(() => registry.cloud.faults.clear());

function plain(path: string, headers: Record<string, string> = {}, method = 'GET', body?: string) {
  const endpoint = registry.running.endpoints['resource-manager'];
  const ca = registry.cloud.certificates.authority;
  return httpsRequest(`${endpoint}${path}`, { ca, method, headers, ...(body === undefined ? {} : { body }) });
}

async function mint(resource: string): Promise<string> {
  return (await registry.cloud.accessTokens.mint(identities.operator, resource)).accessToken;
}

describe('who asks Azure Resource Manager', () => {
  it('must bring a token, and is told where to get one', async () => {
    const answer = await plain(tokenPath + versionQuery);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      401,
      {
        error: {
          code: 'AuthenticationFailed',
          message: "Authentication failed. The 'Authorization' header is missing.",
        },
      },
    ]);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer authorization_uri="https://login.windows.net/${tenantId}", error="invalid_token", error_description="The authentication failed because of missing 'Authorization' header."`,
    );
  });

  it('must bring one that was minted for Azure Resource Manager', async () => {
    for (const audience of ['https://management.azure.com', 'https://management.core.windows.net/'])
      expect((await plain(tokenPath + versionQuery, bearer(await mint(audience)))).status).toBe(404);
    const wrong = await plain(tokenPath + versionQuery, bearer(await mint('https://vault.azure.net')));
    expect([wrong.status, JSON.parse(wrong.body).error.code]).toEqual([
      401,
      'InvalidAuthenticationTokenAudience',
    ]);
    expect(wrong.headers['www-authenticate']).toContain('error="invalid_token"');
    for (const authorization of ['Bearer nonsense', 'Basic YTpi', 'Bearer']) {
      const bad = await plain(tokenPath + versionQuery, { authorization });
      expect([bad.status, JSON.parse(bad.body).error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    }
  });

  it('must have the permission, and is told which one is missing', async () => {
    const { tokens, registries } = registry.client(identities.stranger);
    const { clientId, objectId } = identities.stranger;
    const missing = (action: string, scope: string) => ({
      statusCode: 403,
      code: 'AuthorizationFailed',
      message: `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    });
    expect(await failureOf(tokens.get(group, 'contoso', 'first-token'))).toMatchObject(
      missing('tokens/read', tokenPath),
    );
    expect(await failureOf(tokens.create(group, 'contoso', 'first-token', {}))).toMatchObject(
      missing('tokens/write', tokenPath),
    );
    expect(await failureOf(registries.generateCredentials(group, 'contoso', {}))).toMatchObject(
      missing('generateCredentials/action', registryId),
    );
  });

  it('can be a managed identity, as @azure/identity asks for its token', async () => {
    const { cloud } = registry;
    const identity = await startIdentity({
      address: { host: '127.0.0.1', port: 0 },
      context: cloud,
      accessTokens: cloud.accessTokens,
    });
    for (const [name, value] of Object.entries(identity.environment)) vi.stubEnv(name, value);
    try {
      const client = new ContainerRegistryManagementClient(new ManagedIdentityCredential(), subscriptionId, {
        endpoint: registry.running.endpoints['resource-manager'] ?? '',
        credentials: { scopes: ['https://management.azure.com/.default'] },
        tlsOptions: { ca: cloud.certificates.authority },
      });
      expect((await client.registries.get(group, 'contoso')).id).toBe(registryId);
    } finally {
      vi.unstubAllEnvs();
      await identity.close();
    }
  });
});

describe('what Azure Resource Manager is asked', () => {
  it('must name an API version, and one that the registry has', async () => {
    const missing = await plain(tokenPath);
    expect([missing.status, JSON.parse(missing.body).error.code]).toEqual([
      400,
      'MissingApiVersionParameter',
    ]);
    const unknown = await registry.arm('/tokens/first-token?api-version=2016-06-27');
    expect([unknown.status, JSON.parse(unknown.body).error]).toEqual([
      400,
      {
        code: 'NoRegisteredProviderFound',
        message: expect.stringMatching(
          /^No registered resource provider found for location 'westeurope' and API version '2016-06-27' for type 'registries\/tokens'\. The supported api-versions are '.*2023-01-01-preview.*'\./,
        ),
      },
    ]);
  });

  it.each([
    [
      'GET',
      '/subscriptions/nonsense/providers/Microsoft.ContainerRegistry/registries',
      400,
      'InvalidSubscriptionId',
    ],
    ['GET', registryId.replace(subscriptionId, deadId()), 404, 'SubscriptionNotFound'],
    ['GET', registryId.replace(group, 'missing'), 404, 'ResourceGroupNotFound'],
    ['GET', registryId.replace('contoso', 'fabrikam'), 404, 'ResourceNotFound'],
    ['GET', tokenPath.replace('contoso', 'fabrikam'), 404, 'ResourceNotFound'],
    ['PUT', tokenPath.replace('contoso', 'fabrikam'), 404, 'ParentResourceNotFound'],
    [
      'GET',
      registryId.replace('Microsoft.ContainerRegistry', 'Microsoft.Nothing'),
      404,
      'InvalidResourceNamespace',
    ],
    ['GET', `${registryId}/webhooks`, 404, 'InvalidResourceType'],
    ['PUT', `${registryId}/tokens`, 405, 'MethodNotAllowed'],
    ['POST', tokenPath, 405, 'MethodNotAllowed'],
    ['GET', `${registryId}/generateCredentials`, 405, 'MethodNotAllowed'],
    ['GET', '/tenants', 404, 'NotFound'],
    ['GET', `${registryId}/tokens/%zz`, 400, 'InvalidRequestUri'],
  ])('%s %s is refused with %i %s, in the gateway’s own shape', async (method, path, status, code) => {
    const authorization = bearer(await mint('https://management.azure.com'));
    const headers = { ...authorization, 'content-type': 'application/json' };
    const answer = await plain(path + versionQuery, headers, method, method === 'GET' ? undefined : '{}');
    const body = JSON.parse(answer.body) as { error: object };
    expect([answer.status, Object.keys(body), body.error]).toEqual([
      status,
      ['error'],
      { code, message: expect.any(String) },
    ]);
  });

  it('must be JSON, and say so, and be no larger than 4 MB', async () => {
    const authorization = bearer(await mint('https://management.azure.com'));
    const put = async (headers: Record<string, string>, body: string) => {
      const answer = await plain(tokenPath + versionQuery, { ...authorization, ...headers }, 'PUT', body);
      return [answer.status, JSON.parse(answer.body).error.code];
    };
    const json = { 'content-type': 'application/json; charset=utf-8' };
    expect(await put(json, '{"properties":')).toEqual([400, 'InvalidRequestContent']);
    expect(await put(json, '')).toEqual([400, 'InvalidRequestContent']);
    expect(await put(json, '{"properties":{"scopeMapId":7}}')).toEqual([400, 'InvalidRequestContent']);
    expect(await put({ 'content-type': 'text/plain' }, '{}')).toEqual([415, 'UnsupportedMediaType']);
    expect(await put(json, JSON.stringify('x'.repeat(4 * 1024 * 1024)))).toEqual([
      413,
      'RequestContentTooLarge',
    ]);
  });

  it('is answered with the headers by which support finds a request', async () => {
    const correlation = '99999999-2222-4333-8444-555555555555';
    const answer = await registry.arm('', {
      headers: {
        'x-ms-correlation-request-id': correlation,
        'x-ms-client-request-id': 'mine',
        'x-ms-return-client-request-id': 'true',
      },
    });
    expect(answer.headers).toMatchObject({
      'x-ms-request-id': correlation,
      'x-ms-correlation-request-id': correlation,
      'x-ms-client-request-id': 'mine',
      'x-ms-routing-request-id': expect.stringMatching(/^WESTEUROPE:\d{8}T\d{6}Z:99999999-/),
      'cache-control': 'no-cache',
      'x-ms-ratelimit-remaining-subscription-reads': '249',
      'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
    });
    const quiet = await registry.arm('', { headers: { 'x-ms-client-request-id': 'mine' } });
    expect(quiet.headers).not.toHaveProperty('x-ms-client-request-id');
    expect(quiet.headers['x-ms-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is remembered with the permission it needed, who asked and the caller’s request id, and without its body', async () => {
    registry.cloud.history.clear();
    const headers = { 'x-ms-client-request-id': 'keyturn/7' };
    await registry.arm('/tokens/first-token', { method: 'PUT', body: { properties: {} }, headers });
    expect(registry.cloud.history.list()).toMatchObject([
      {
        part: 'resource-manager',
        request: `PUT ${tokenPath}${versionQuery}`,
        operation: 'Microsoft.ContainerRegistry/registries/tokens/write',
        identity: 'operator',
        clientRequestId: 'keyturn/7',
        outcome: 400,
      },
    ]);
  });

  it('meets the faults that were injected, in Azure’s shape', async () => {
    registry.cloud.faults.inject({
      part: 'resource-manager',
      effect: { kind: 'throttle', retryAfterSeconds: 7 },
      match: 'GET .*/tokens',
      times: 1,
    });
    const throttled = await registry.arm('/tokens');
    expect([
      throttled.status,
      throttled.headers['retry-after'],
      JSON.parse(throttled.body).error.code,
    ]).toEqual([429, '7', 'SubscriptionRequestsThrottled']);
    expect((await registry.arm('/tokens')).status).toBe(200);
  });
});

describe('registries', () => {
  it('can be read and listed, with the login server that serves them', async () => {
    const { registries } = registry.client();
    const read = await registries.get(group, 'contoso');
    expect(read).toMatchObject({
      id: registryId,
      name: 'contoso',
      location: 'westeurope',
      sku: { name: 'Premium', tier: 'Premium' },
      loginServer: registry.loginServer(),
      adminUserEnabled: false,
      anonymousPullEnabled: false,
      provisioningState: 'Succeeded',
    });
    expect(await all(registries.list())).toEqual([read]);
    expect(await all(registries.listByResourceGroup(group))).toEqual([read]);
    expect(await all(registries.listByResourceGroup('missing'))).toEqual([]);
  });

  it('have no admin passwords while the admin user is off', async () => {
    const { registries } = registry.client();
    const refusal = {
      statusCode: 400,
      code: 'UnAuthorizedForCredentialOperations',
      message: expect.stringContaining(`for ${registryId} as admin user is disabled.`),
    };
    expect(await failureOf(registries.listCredentials(group, 'contoso'))).toMatchObject(refusal);
    const regenerated = registries.regenerateCredential(group, 'contoso', { name: 'password' });
    expect(await failureOf(regenerated)).toMatchObject(refusal);
  });

  it('can have the admin user and anonymous pull switched on, which later reads show, and nothing else changed', async () => {
    const { registries } = registry.client();
    await registries.update(group, 'contoso', { adminUserEnabled: true, anonymousPullEnabled: true });
    expect(await registries.get(group, 'contoso')).toMatchObject({
      adminUserEnabled: true,
      anonymousPullEnabled: true,
    });
    const before = await registries.listCredentials(group, 'contoso');
    expect(before.username).toBe('contoso');
    const after = await registries.regenerateCredential(group, 'contoso', { name: 'password2' });
    const values = [before, after].map(({ passwords }) => passwords?.map(({ value }) => value));
    expect(values[1]?.[0]).toBe(values[0]?.[0]);
    expect(values[1]?.[1]).not.toBe(values[0]?.[1]);
    expect(registry.running.issuedPasswords()).toEqual(expect.arrayContaining(values.flat()));
    const other = registries.update(group, 'contoso', { networkRuleBypassAllowedForTasks: true });
    expect(await failureOf(other)).toMatchObject({ statusCode: 400 });
  });
});

function deadId(): string {
  return 'dddddddd-0000-4000-8000-000000000000';
}
