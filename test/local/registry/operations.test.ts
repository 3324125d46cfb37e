import { restorePoller } from '@azure/arm-containerregistry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../identity/local-cloud.ts';
import {
  deleter,
  failureOf,
  group,
  type RegistryUnderTest,
  registryId,
  startRegistryUnderTest,
} from './registry-under-test.ts';

let registry: RegistryUnderTest;
const pullMap = `${registryId}/scopeMaps/_repositories_pull`;
const putBody = { properties: { scopeMapId: pullMap } };

beforeAll(async () => {
  registry = await startRegistryUnderTest();
});
afterAll(() => registry.close());
beforeEach(() => {
  registry.running.reset();
  registry.cloud.history.clear();
});

function createToken(options: object = {}) {
  return registry.client().tokens.create(group, 'contoso', 'first-token', { scopeMapId: pullMap }, options);
}

function requests(): string[] {
  return registry.cloud.history.list({ part: 'resource-manager' }).map(({ request }) => {
    const [method = '', target = ''] = request.split(' ');
    const path = new URL(target, 'https://localhost').pathname;
    return `${method} ${path
      .split('/')
      .slice(-2)
      .join('/')
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}$/, 'GUID')}`;
  });
}

describe('a long-running write', () => {
  it('is followed by its Azure-AsyncOperation until it has succeeded, then read', async () => {
    registry.running.updateSettings({ pollsUntilDone: 1, operationRetryAfterSeconds: 1 });
    expect((await createToken()).provisioningState).toBe('Succeeded');
    expect(requests()).toEqual([
      'PUT tokens/first-token',
      'GET operationStatuses/token-GUID',
      'GET operationStatuses/token-GUID',
      'GET tokens/first-token',
    ]);
  });

  it('carries the GUID of the caller’s request in poll URLs of this host that are signed anew each time', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    const put = await registry.arm('/tokens/first-token', {
      method: 'PUT',
      body: putBody,
      headers: { 'x-ms-client-request-id': id },
    });
    expect([put.status, put.headers['retry-after']]).toEqual([201, '1']);
    const first = new URL(String(put.headers['azure-asyncoperation']));
    expect(first.origin).toBe(registry.running.endpoints['resource-manager']);
    expect(first.pathname).toBe(`${registryId}/tokens/first-token/operationStatuses/token-${id}`);
    expect([...first.searchParams.keys()]).toEqual(['api-version', 't', 'c', 's', 'h']);
    expect(first.href.length).toBeGreaterThan(3000);
    const poll = await registry.arm(first.pathname + first.search);
    expect([poll.status, poll.body, poll.headers['retry-after']]).toEqual([
      200,
      '{"status":"Succeeded"}',
      '1',
    ]);
    expect(poll.headers['azure-asyncoperation']).not.toBe(first.href);
  });

  it('shows Creating or Updating until it is done: after its polls, or after ten seconds without any', async () => {
    registry.running.updateSettings({ pollsUntilDone: 3 });
    await registry.arm('/tokens/first-token', { method: 'PUT', body: putBody });
    expect(await provisioningState()).toBe('Creating');
    await registry.cloud.clock.advance(10_000);
    expect(await provisioningState()).toBe('Succeeded');
    const patch = await registry.arm('/tokens/first-token', {
      method: 'PATCH',
      body: { properties: { status: 'disabled' } },
    });
    expect(JSON.parse(patch.body).properties).toMatchObject({
      provisioningState: 'Updating',
      status: 'disabled',
    });
    const statuses: string[] = [];
    const { pathname, search } = new URL(String(patch.headers['azure-asyncoperation']));
    for (let count = 0; count < 4; count++)
      statuses.push(JSON.parse((await registry.arm(pathname + search)).body).status as string);
    expect(statuses).toEqual(['Updating', 'Updating', 'Updating', 'Succeeded']);
    expect(await provisioningState()).toBe('Succeeded');
  });

  it('can be picked up by another client, from what the first one wrote down', async () => {
    const poller = createToken();
    const state = await poller.serialize();
    const restored = restorePoller(registry.client(), state, registry.client().tokens.create);
    expect(await restored.pollUntilDone()).toMatchObject({
      name: 'first-token',
      provisioningState: 'Succeeded',
    });
  });

  it('that is set to fail ends with its code and has changed nothing', async () => {
    registry.running.updateSettings({ failedOperations: 1, failedOperationCode: 'RegistryBusy' });
    const failure = await failureOf(createToken());
    expect(failure.statusCode).toBeUndefined();
    expect(failure.message).toContain('The long-running operation has failed. RegistryBusy.');
    expect((await registry.arm('/tokens/first-token')).status).toBe(404);
    expect((await createToken()).provisioningState).toBe('Succeeded');
    expect(registry.running.settings().failedOperations).toBe(0);
  });

  it('that fails on a token that exists leaves it as it was', async () => {
    await createToken();
    await registry.generate('first-token', 'password1');
    registry.running.updateSettings({ failedOperations: 2 });
    const { tokens } = registry.client();
    const update = tokens.update(group, 'contoso', 'first-token', {
      status: 'disabled',
      credentials: { passwords: [] },
    });
    expect((await failureOf(update)).message).toContain('has failed');
    expect(await failureOf(tokens.delete(group, 'contoso', 'first-token'))).toMatchObject({
      statusCode: 409,
    });
    const token = await tokens.get(group, 'contoso', 'first-token');
    expect(token).toMatchObject({ status: 'enabled', provisioningState: 'Failed' });
    expect(token.credentials?.passwords).toHaveLength(1);
  });

  it('can be answered with a body alone: the client then reads a created token until it is there', async () => {
    registry.running.updateSettings({ writeAnswer: 'body-only', pollsUntilDone: 2 });
    expect((await createToken({ updateIntervalInMs: 1 })).provisioningState).toBe('Succeeded');
    expect(requests()).toEqual(['PUT tokens/first-token', ...Array(2).fill('GET tokens/first-token')]);
    const updated = await registry
      .client()
      .tokens.update(group, 'contoso', 'first-token', { status: 'disabled' });
    expect(updated).toMatchObject({ provisioningState: 'Updating', status: 'disabled' });
  });

  it('can be answered as done at once', async () => {
    registry.running.updateSettings({ writeAnswer: 'done' });
    expect((await createToken()).provisioningState).toBe('Succeeded');
    await registry.client().tokens.update(group, 'contoso', 'first-token', { status: 'disabled' });
    expect(requests()).toEqual(['PUT tokens/first-token', 'PATCH tokens/first-token']);
  });

  it('that nobody knows is not found', async () => {
    const unknown = await registry.arm('/tokens/first-token/operationStatuses/token-unknown');
    expect([unknown.status, JSON.parse(unknown.body).status]).toEqual([404, 'Failed']);
  });
});

describe('a deletion', () => {
  beforeEach(async () => {
    await createToken();
    registry.cloud.history.clear();
  });

  it.each([
    ['empty', ''],
    ['null', 'null'],
  ])(
    'is answered with 202, %s body and a Location in the subscription, which ends with 200',
    async (setting, body) => {
      registry.running.updateSettings({ deleteBody: setting, pollsUntilDone: 1 });
      const deleted = await registry.arm('/tokens/first-token', { method: 'DELETE' });
      expect([deleted.status, deleted.body]).toEqual([202, body]);
      const { pathname, search } = new URL(String(deleted.headers.location));
      expect(pathname).toMatch(
        /^\/subscriptions\/[^/]+\/providers\/Microsoft.ContainerRegistry\/locations\/WESTEUROPE\/operationResults\/token-[0-9a-f-]{36}$/,
      );
      const running = await registry.arm(pathname + search);
      expect([running.status, running.body]).toEqual([202, 'null']);
      const done = await registry.arm(pathname + search);
      expect([done.status, done.body, done.headers.location]).toEqual([200, '', undefined]);
    },
  );

  it('cannot be followed by who may delete but not read operation results, though the token is gone', async () => {
    const { tokens } = registry.client(deleter);
    expect(await failureOf(tokens.delete(group, 'contoso', 'first-token'))).toMatchObject({
      statusCode: 403,
      code: 'AuthorizationFailed',
    });
    expect(await failureOf(tokens.get(group, 'contoso', 'first-token'))).toMatchObject({ statusCode: 404 });
    registry.running.updateSettings({ deletePollingNeedsPermission: false });
    await createToken();
    await tokens.delete(group, 'contoso', 'first-token');
    expect(requests().at(-1)).toBe('GET operationResults/token-GUID');
  });
});

describe('generated credentials', () => {
  beforeEach(() => createToken());

  it('can be given later: the client fetches them from the Location', async () => {
    registry.running.updateSettings({ generateCredentialsAnswer: 'later' });
    const password = await registry.generate('first-token', 'password1');
    expect(registry.running.issuedPasswords()).toContain(password);
    expect(requests().slice(-2)).toEqual([
      'POST contoso/generateCredentials',
      'GET operationStatuses/registries-GUID',
    ]);
  });

  it('are made twice when the connection breaks after the first and the client tries again, and only the last work', async () => {
    registry.running.updateSettings({ replicationSeconds: 0 });
    registry.cloud.faults.inject({
      part: 'resource-manager',
      effect: { kind: 'drop', when: 'after' },
      match: 'generateCredentials',
      times: 1,
    });
    const { registries } = registry.client(identities.operator, { retryOptions: { maxRetries: 1 } });
    const before = registry.running.issuedPasswords().length;
    const { passwords } = await registries.generateCredentials(group, 'contoso', {
      tokenId: `${registryId}/tokens/first-token`,
      name: 'password1',
    });
    const issued = registry.running.issuedPasswords().slice(before);
    expect(issued).toEqual([expect.any(String), passwords?.[0]?.value]);
    const logins = issued.map(async (password) => (await registry.logIn('first-token', password)).status);
    expect(await Promise.all(logins)).toEqual([401, 200]);
  });

  it('that are given later can fail, and then none were made', async () => {
    registry.running.updateSettings({ generateCredentialsAnswer: 'later', failedOperations: 1 });
    const before = registry.running.issuedPasswords().length;
    const generated = registry.client().registries.generateCredentials(group, 'contoso', {
      tokenId: `${registryId}/tokens/first-token`,
    });
    expect(await failureOf(generated)).toMatchObject({ statusCode: 409, code: 'InternalServerError' });
    expect(registry.running.issuedPasswords()).toHaveLength(before);
  });
});

describe('changes that succeeded', () => {
  it('are reported with who made them, on what, and by which request', async () => {
    const reported: [string, string, string, string | undefined][] = [];
    const stop = registry.running.onActivity(({ operationName, resourceId, identity, clientRequestId }) =>
      reported.push([
        operationName.replace('Microsoft.ContainerRegistry/registries/', ''),
        resourceId.replace(registryId, ''),
        identity.name,
        clientRequestId,
      ]),
    );
    const headers = { 'x-ms-client-request-id': 'keyturn/1' };
    await registry.arm('/tokens/first-token', { method: 'PUT', body: putBody, headers });
    await registry.arm('/generateCredentials', {
      method: 'POST',
      body: { tokenId: `${registryId}/tokens/first-token` },
      headers,
    });
    await registry.arm('/tokens/missing', { method: 'DELETE', headers });
    await registry.arm('/tokens/first-token', { method: 'DELETE', identity: identities.stranger, headers });
    await registry.arm('/tokens/first-token', { method: 'DELETE', headers });
    stop();
    await registry.arm('/tokens/first-token', { method: 'PUT', body: putBody, headers });
    expect(reported).toEqual([
      ['tokens/write', '/tokens/first-token', 'operator', 'keyturn/1'],
      ['generateCredentials/action', '', 'operator', 'keyturn/1'],
      ['tokens/delete', '/tokens/first-token', 'operator', 'keyturn/1'],
    ]);
  });
});

async function provisioningState(): Promise<unknown> {
  return JSON.parse((await registry.arm('/tokens/first-token')).body).properties.provisioningState;
}
