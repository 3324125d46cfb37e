import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ControlClient } from '../../infra/local/control/control-client.ts';
import { AcrControlPlane } from '../../src/adapters/acr-control-plane.ts';
import { isOwnRequestId } from '../../src/adapters/own-request-id.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { all, everythingOf, failureOf, type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

let keyturn: KeyturnCloud;
let control: ControlClient;
let registry: AcrControlPlane;

const expiresAt = '2030-01-01T00:00:00.000Z';
const token = 'team-token';
const map = 'team-token-scope-map';
const pull = ['repositories/team/*/content/read'];

const adapter = (identity?: string, resourceId = keyturn.cloud.environment.REGISTRY_RESOURCE_ID ?? '') =>
  new AcrControlPlane({
    resourceId,
    credential: keyturn.credential(identity),
    resourceManager: {
      endpoint: keyturn.cloud.environment.AZURE_RESOURCE_MANAGER_ENDPOINT ?? '',
      scope: 'https://management.azure.com/.default',
    },
    clock: systemClock,
  });

beforeAll(async () => {
  keyturn = await startKeyturnCloud('registry', 'resource-manager', (config) => ({
    ...config,
    identities: [
      ...config.identities,
      {
        name: 'registryOnly',
        clientId: '0a0a0a0a-0000-4000-8000-000000000011',
        objectId: '0b0b0b0b-0000-4000-8000-000000000011',
        permissions: ['Microsoft.ContainerRegistry/registries/*'],
      },
      {
        name: 'stranger',
        clientId: '0a0a0a0a-0000-4000-8000-000000000012',
        objectId: '0b0b0b0b-0000-4000-8000-000000000012',
        permissions: [],
      },
    ],
    registry: { ...config.registry, settings: { pollsUntilDone: 0, operationRetryAfterSeconds: 1 } },
  }));
  control = new ControlClient(keyturn.cloud.controlUrl);
  registry = adapter();
});
afterAll(() => keyturn.close());
beforeEach(() => control.reset());

const createMap = () =>
  registry.createScopeMap(map, { description: 'keyturn:test/team-token', actions: pull });
async function createToken(): Promise<void> {
  await createMap();
  await registry.createToken(token, map);
}
const generate = (slot: 'password1' | 'password2' = 'password1') =>
  registry.generatePassword(token, slot, expiresAt);
const writes = () => keyturn.requests().filter((request) => !request.startsWith('GET'));

describe('a token', () => {
  it('that is not there reads as null', async () => {
    expect(await registry.readToken(token)).toBeNull();
  });

  it('is made enabled, with one write, and read back', async () => {
    await createMap();
    keyturn.cloud.history.clear();
    expect(await registry.createToken(token, map)).toEqual({
      created: true,
      token: { enabled: true, scopeMap: map, passwords: [] },
    });
    expect(writes()).toEqual([`PUT /tokens/${token}`]);
  });

  it('that exists is left as it is, with its passwords', async () => {
    await createToken();
    const { value: _value, ...entry } = await generate();
    keyturn.cloud.history.clear();
    const { created, token: found } = await registry.createToken(token, map);
    expect(created).toBe(false);
    expect(found?.passwords).toEqual([entry]);
    expect(writes()).toEqual([]);
  });

  it('is disabled and enabled, and keeps its passwords', async () => {
    await createToken();
    await generate();
    expect(await registry.setTokenStatus(token, false)).toMatchObject({ enabled: false });
    const enabled = await registry.setTokenStatus(token, true);
    expect(enabled).toMatchObject({ enabled: true, passwords: [{ slot: 'password1' }] });
  });

  it('that a policy disables is seen to be disabled, whatever was asked', async () => {
    await createToken();
    await control.changeRegistrySettings({ policyDisablesTokens: true });
    expect(await registry.setTokenStatus(token, true)).toMatchObject({ enabled: false });
  });

  it('is bound to another scope map', async () => {
    await createToken();
    expect(await registry.bindScopeMap(token, '_repositories_pull')).toMatchObject({
      enabled: true,
      scopeMap: '_repositories_pull',
    });
  });

  it('that is not there cannot be changed', async () => {
    expect(await registry.setTokenStatus(token, false)).toBeNull();
    expect(await registry.bindScopeMap(token, '_repositories_pull')).toBeNull();
    expect(await registry.replaceBothPasswords(token)).toBe(false);
  });

  it('is gone when its deletion is done, and deleting it again finds nothing', async () => {
    await createToken();
    await control.changeRegistrySettings({ pollsUntilDone: 1 });
    expect(await registry.deleteToken(token)).toBe(true);
    expect(await registry.readToken(token)).toBeNull();
    expect(await registry.deleteToken(token)).toBe(false);
  });

  it('is deleted also by an identity that may not follow the deletion', async () => {
    await createToken();
    expect(await adapter('registryOnly').deleteToken(token)).toBe(true);
    expect(await registry.readToken(token)).toBeNull();
  });

  it('is listed with its passwords, page by page, beside all others', async () => {
    await control.changeRegistrySettings({ listPageSize: 1 });
    await createToken();
    await generate('password2');
    await registry.createToken('other-token', map);
    const tokens = await all(registry.listTokens());
    const found = tokens.map(({ name, passwords }) => [name, passwords.map(({ slot }) => slot)]);
    expect(found).toEqual([
      [token, ['password2']],
      ['other-token', []],
    ]);
  });
});

describe('a password', () => {
  it('is made in the slot that was named, and the other slot is left alone', async () => {
    await createToken();
    const first = await generate('password2');
    const second = await generate('password1');
    expect(second).toMatchObject({ slot: 'password1', expiresAt });
    expect(second.value).not.toBe(first.value);
    const passwords = (await registry.readToken(token))?.passwords;
    expect(passwords).toEqual([
      { slot: 'password1', createdAt: second.createdAt, expiresAt },
      { slot: 'password2', createdAt: first.createdAt, expiresAt },
    ]);
  });

  it('is asked for once: a request without an answer is not repeated', async () => {
    await createToken();
    for (const when of ['before', 'after'] as const) {
      keyturn.cloud.history.clear();
      keyturn.inject({ kind: 'drop', when }, 'generateCredentials');
      expect(await failureOf(generate())).toMatchObject({
        code: 'unavailable',
        operation: 'generatePassword',
      });
      expect(writes()).toEqual(['POST /generateCredentials']);
    }
  });

  it.each(['cut', 'garble'] as const)(
    'that comes in a damaged answer (%s) does not reach the error',
    async (how) => {
      await createToken();
      keyturn.inject({ kind: 'damage', how }, 'generateCredentials');
      const failure = await failureOf(generate());
      const [password = ''] = (await control.issuedPasswords()).slice(-1);
      expect(password).not.toBe('');
      expect(['damagedAnswer', 'unavailable']).toContain(failure.code);
      expect(everythingOf(failure)).not.toContain(password);
      expect(everythingOf(failure)).not.toContain(password.slice(0, 8));
      expect((await registry.readToken(token))?.passwords).toHaveLength(1);
    },
  );

  it('is made also when the registry answers later', async () => {
    await createToken();
    await control.changeRegistrySettings({ generateCredentialsAnswer: 'later' });
    const made = await adapter('operator').generatePassword(token, 'password1', expiresAt);
    expect(made).toMatchObject({ slot: 'password1' });
  });

  it('is replaced together with the other one only to revoke', async () => {
    await createToken();
    const first = await generate();
    expect(await registry.replaceBothPasswords(token)).toBe(true);
    const passwords = (await registry.readToken(token))?.passwords ?? [];
    expect(passwords.map(({ slot }) => slot)).toEqual(['password1', 'password2']);
    expect(passwords[0]?.createdAt).not.toBe(first.createdAt);
  });

  it('of a token that is not there is not found', async () => {
    expect(await failureOf(generate())).toMatchObject({ code: 'notFound', status: 404 });
  });
});

describe('a scope map', () => {
  it('is made if there is none, and left as it is if there is one', async () => {
    expect(await createMap()).toEqual({
      created: true,
      scopeMap: { name: map, description: 'keyturn:test/team-token', actions: pull, system: false },
    });
    const other = { description: 'other', actions: [] };
    expect(await registry.createScopeMap(map, other)).toMatchObject({
      created: false,
      scopeMap: { description: 'keyturn:test/team-token' },
    });
  });

  it('gets other actions and keeps its description', async () => {
    await createMap();
    const push = [...pull, 'repositories/team/*/content/write'];
    expect(await registry.setScopeMapActions(map, push)).toMatchObject({
      description: 'keyturn:test/team-token',
      actions: push,
    });
  });

  it('that is not there reads as null and is neither changed nor deleted', async () => {
    expect(await registry.readScopeMap(map)).toBeNull();
    expect(await registry.setScopeMapActions(map, pull)).toBeNull();
    expect(await registry.deleteScopeMap(map)).toBe(false);
  });

  it('is gone when it is deleted', async () => {
    await createMap();
    expect(await registry.deleteScopeMap(map)).toBe(true);
    expect(await registry.readScopeMap(map)).toBeNull();
  });

  it("of the registry's own is told apart in the list", async () => {
    await createMap();
    const maps = await all(registry.listScopeMaps());
    expect(maps.filter(({ system }) => !system).map(({ name }) => name)).toEqual([map]);
    expect(maps.find(({ name }) => name === '_repositories_pull')?.system).toBe(true);
  });
});

describe('a registry', () => {
  it('tells its login server and who may come in without a token', async () => {
    expect(await registry.readRegistry()).toEqual({
      loginServer: expect.stringMatching(/^localhost:\d+$/),
      adminUserEnabled: false,
      anonymousPullEnabled: false,
    });
  });

  it('that does not exist is not found', async () => {
    const nowhere = `${keyturn.cloud.environment.REGISTRY_RESOURCE_ID}2`;
    expect(await failureOf(adapter('keyturn', nowhere).readRegistry())).toMatchObject({ code: 'notFound' });
  });
});

describe('every request', () => {
  it('carries an id by which reports of it are recognised as our own', async () => {
    await createToken();
    const ids = keyturn.cloud.history.list({ part: 'resource-manager' }).map((each) => each.clientRequestId);
    expect(ids.length).toBeGreaterThan(3);
    expect(ids.filter((id) => !isOwnRequestId(id ?? ''))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('that is throttled says when to come back, and is not repeated', async () => {
    keyturn.inject({ kind: 'throttle', retryAfterSeconds: 30 }, '^GET .*tokens', 9);
    const before = Date.now();
    const failure = await failureOf(registry.readToken(token));
    expect(failure).toMatchObject({ code: 'throttled', status: 429 });
    expect(Date.parse(failure.retryAt ?? '')).toBeGreaterThanOrEqual(before + 30_000);
    expect(keyturn.requests()).toHaveLength(1);
  });

  it('that is throttled without being told when to come back fails at once, too', async () => {
    keyturn.inject({ kind: 'throttle' }, 'generateCredentials', 9);
    expect(await failureOf(generate())).toMatchObject({ code: 'throttled', retryAt: undefined });
    expect(writes()).toHaveLength(1);
  });

  it('that reads is repeated when there was no answer', async () => {
    keyturn.inject({ kind: 'drop', when: 'before' }, '^GET ', 1);
    keyturn.inject({ kind: 'fail', status: 500 }, '^GET ', 1);
    expect(await registry.readToken(token)).toBeNull();
    expect(keyturn.requests()).toHaveLength(3);
  });

  it.each([
    [400, 'refused'],
    [403, 'accessDenied'],
    [409, 'conflict'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('that is answered with %i fails as %s', async (status, code) => {
    keyturn.inject({ kind: 'fail', status }, 'generateCredentials');
    expect(await failureOf(generate())).toMatchObject({ service: 'registry', status, code });
  });

  it('beyond the most tokens of the registry fails as limitReached', async () => {
    keyturn.inject({ kind: 'fail', status: 400, code: 'QuotaExceeded' }, '^PUT ');
    expect(await failureOf(registry.createToken(token, '_repositories_pull'))).toMatchObject({
      code: 'limitReached',
    });
  });

  it('whose operation fails later is told as a failed operation', async () => {
    await createMap();
    await control.changeRegistrySettings({ failedOperations: 1 });
    expect(await failureOf(registry.createToken(token, map))).toMatchObject({ code: 'operationFailed' });
  });

  it('of an identity without permission is denied', async () => {
    await createToken();
    expect(await failureOf(adapter('stranger').setTokenStatus(token, false))).toMatchObject({
      code: 'accessDenied',
      status: 403,
    });
  });

  it('that writes is not sent after the end of the lease', async () => {
    await createToken();
    keyturn.cloud.history.clear();
    const limits = { notAfter: new Date(Date.now() - 1).toISOString() };
    const late = registry.generatePassword(token, 'password1', expiresAt, limits);
    expect(await failureOf(late)).toMatchObject({ code: 'tooLate' });
    expect(writes()).toEqual([]);
    expect(await registry.createToken(token, map, limits)).toMatchObject({ created: false });
  });

  it('that waits for an access token in vain ends when the caller ends it, and is never sent', async () => {
    const { promise: tokenAtLast, resolve: giveToken } = Promise.withResolvers<void>();
    const slow = new AcrControlPlane({
      resourceId: keyturn.cloud.environment.REGISTRY_RESOURCE_ID ?? '',
      credential: {
        getToken: async (scopes) => {
          await tokenAtLast;
          return keyturn.credential().getToken(scopes);
        },
      },
      resourceManager: {
        endpoint: keyturn.cloud.environment.AZURE_RESOURCE_MANAGER_ENDPOINT ?? '',
        scope: 'https://management.azure.com/.default',
      },
      clock: systemClock,
    });
    await createToken();
    keyturn.cloud.history.clear();
    const limits = { signal: AbortSignal.timeout(50) };
    const call = slow.generatePassword(token, 'password1', expiresAt, limits);
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
    giveToken();
    expect((await registry.readToken(token))?.passwords).toEqual([]);
    expect(writes()).toEqual([]);
  });

  it('ends when the caller ends it', async () => {
    keyturn.inject({ kind: 'delay', milliseconds: 5_000 }, '^GET ');
    const signal = AbortSignal.timeout(50);
    expect(await failureOf(registry.readToken(token, { signal }))).toMatchObject({ code: 'cancelled' });
  });
});
