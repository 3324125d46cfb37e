import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  all,
  failureOf,
  group,
  type RegistryUnderTest,
  registryId,
  startRegistryUnderTest,
} from './registry-under-test.ts';

let registry: RegistryUnderTest;
const pullMap = `${registryId}/scopeMaps/_repositories_pull`;
const pushMap = `${registryId}/scopeMaps/_repositories_push`;

beforeAll(async () => {
  registry = await startRegistryUnderTest();
});
afterAll(() => registry.close());
beforeEach(() => registry.running.reset());

function createToken(name: string, scopeMapId = pullMap) {
  return registry.client().tokens.create(group, 'contoso', name, { scopeMapId });
}

async function readRaw(name: string) {
  const { body } = await registry.arm(`/tokens/${name}`);
  return JSON.parse(body) as { properties: object; systemData: Record<string, string> };
}

describe('tokens', () => {
  it('are created enabled, without passwords, and can be read back', async () => {
    const created = await createToken('first-token');
    expect(created).toMatchObject({
      id: `${registryId}/tokens/first-token`,
      name: 'first-token',
      type: 'Microsoft.ContainerRegistry/registries/tokens',
      scopeMapId: pullMap,
      status: 'enabled',
      provisioningState: 'Succeeded',
      credentials: { passwords: [] },
    });
    expect(await registry.client().tokens.get(group, 'contoso', 'first-token')).toEqual(created);
  });

  it('are answered with the recorded order of keys and form of dates', async () => {
    const put = await registry.arm('/tokens/first-token', {
      method: 'PUT',
      body: { properties: { scopeMapId: pullMap } },
    });
    expect(put.status).toBe(201);
    const body = JSON.parse(put.body) as Record<string, Record<string, string>>;
    expect(Object.keys(body)).toEqual(['type', 'id', 'name', 'systemData', 'properties']);
    expect(Object.keys(body.properties ?? {})).toEqual([
      'creationDate',
      'provisioningState',
      'scopeMapId',
      'credentials',
      'status',
    ]);
    expect(body.properties?.provisioningState).toBe('Creating');
    const azureDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?\+00:00$/;
    expect(body.properties?.creationDate).toMatch(azureDate);
    expect(body.systemData?.createdAt).toMatch(azureDate);
  });

  it('keep their creation date when they are changed, while systemData is overwritten', async () => {
    await createToken('first-token');
    const before = await readRaw('first-token');
    await registry.client().tokens.update(group, 'contoso', 'first-token', { status: 'disabled' });
    const after = await readRaw('first-token');
    expect(after.properties).toEqual({ ...before.properties, status: 'disabled' });
    expect(after.systemData.createdAt).not.toBe(before.systemData.createdAt);
    expect(after.systemData.createdAt).toBe(after.systemData.lastModifiedAt);
  });

  it('can be bound to another scope map, and are found whatever the case of the names', async () => {
    await createToken('First-Token');
    const upperCase = pushMap.replace('contoso', 'CONTOSO').replace('scopeMaps', 'SCOPEMAPS');
    await registry.client().tokens.update(group, 'contoso', 'FIRST-TOKEN', { scopeMapId: upperCase });
    const read = await registry.client().tokens.get(group.toUpperCase(), 'Contoso', 'first-token');
    expect(read).toMatchObject({ name: 'First-Token', scopeMapId: pushMap });
  });

  it('are gone once they are deleted', async () => {
    await createToken('first-token');
    await registry.client().tokens.delete(group, 'contoso', 'first-token');
    const failure = await failureOf(registry.client().tokens.get(group, 'contoso', 'first-token'));
    expect(failure).toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
      message: 'The resource first-token could not be found.',
    });
  });

  it('that do not exist cannot be changed or deleted', async () => {
    const { tokens } = registry.client();
    const update = tokens.update(group, 'contoso', 'missing', { status: 'disabled' });
    expect(await failureOf(update)).toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
    expect(await failureOf(tokens.delete(group, 'contoso', 'missing'))).toMatchObject({ statusCode: 404 });
    registry.running.updateSettings({ deleteOfMissing: 'no-content' });
    await expect(tokens.delete(group, 'contoso', 'missing')).resolves.toBeUndefined();
  });

  it.each([
    ['four', 400],
    ['has_underscore', 400],
    ['has.dot', 400],
    ['x'.repeat(51), 400],
    ['x'.repeat(50), undefined],
    ['12345', undefined],
  ])('named %s are answered with error %s', async (name, status) => {
    const created = await createToken(name).then(
      () => undefined,
      (error: { statusCode?: number; code?: string }) => error,
    );
    expect(created?.statusCode).toBe(status);
    if (status) expect(created?.code).toBe('InvalidResourceName');
  });

  it('need a scope map that exists in their registry, and a status that there is', async () => {
    const elsewhere = pullMap.replace('contoso', 'fabrikam');
    for (const scopeMapId of [`${registryId}/scopeMaps/missing`, elsewhere, 'nonsense'])
      expect(await failureOf(createToken('first-token', scopeMapId))).toMatchObject({
        statusCode: 400,
        code: 'ScopeMapNotFound',
      });
    const without = registry.client().tokens.create(group, 'contoso', 'first-token', {});
    expect(await failureOf(without)).toMatchObject({ statusCode: 400, code: 'InvalidToken' });
    const paused = registry.client().tokens.create(group, 'contoso', 'first-token', {
      scopeMapId: pullMap,
      status: 'paused',
    });
    expect(await failureOf(paused)).toMatchObject({ statusCode: 400, code: 'InvalidTokenStatus' });
    expect(await all(registry.client().tokens.list(group, 'contoso'))).toEqual([]);
  });

  it('are listed in pages, each once, also when some are deleted between two pages', async () => {
    registry.running.updateSettings({ listPageSize: 2 });
    for (const name of ['token-a', 'token-e', 'token-c', 'token-b', 'token-d']) await createToken(name);
    const listed: (string | undefined)[][] = [];
    for await (const page of registry.client().tokens.list(group, 'contoso').byPage()) {
      listed.push(page.map(({ name }) => name));
      if (listed.length === 1) await registry.client().tokens.delete(group, 'contoso', 'token-a');
    }
    expect(listed).toEqual([['token-a', 'token-e'], ['token-c', 'token-b'], ['token-d']]);
    const bad = await registry.arm('/tokens?$skiptoken=nonsense');
    expect(bad.status).toBe(400);
  });

  it('lose their passwords when they are put again without their credentials', async () => {
    await createToken('first-token');
    await registry.generate('first-token', 'password1');
    await registry.generate('first-token', 'password2');
    const again = await createToken('first-token');
    expect(again.credentials?.passwords).toEqual([]);
  });

  it('keep the passwords that a PUT names, or all of them when the registry is set to keep them', async () => {
    await createToken('first-token');
    await registry.generate('first-token', 'password1');
    await registry.generate('first-token', 'password2');
    const named = await registry.client().tokens.create(group, 'contoso', 'first-token', {
      scopeMapId: pullMap,
      credentials: { passwords: [{ name: 'password2' }] },
    });
    expect(named.credentials?.passwords?.map(({ name }) => name)).toEqual(['password2']);
    registry.running.updateSettings({ putOnExistingToken: 'keeps-passwords' });
    const again = await createToken('first-token');
    expect(again.credentials?.passwords?.map(({ name }) => name)).toEqual(['password2']);
  });

  it('come back disabled from every write while an Azure Policy disables tokens', async () => {
    registry.running.updateSettings({ policyDisablesTokens: true });
    expect((await createToken('first-token')).status).toBe('disabled');
    const enabled = await registry
      .client()
      .tokens.update(group, 'contoso', 'first-token', { status: 'enabled' });
    expect(enabled.status).toBe('disabled');
  });
});

describe('a Basic registry', () => {
  it('refuses the 101st token and, with its five system maps, the 101st scope map', async () => {
    const basic = await startRegistryUnderTest({
      registries: [{ name: 'contoso', sku: 'Basic' }],
      settings: { writeAnswer: 'done' },
    });
    const { tokens, scopeMaps } = basic.client();
    for (let count = 0; count < 100; count++)
      await tokens.create(group, 'contoso', `token-${count}`, { scopeMapId: pullMap });
    const oneMore = tokens.create(group, 'contoso', 'one-more', { scopeMapId: pullMap });
    expect(await failureOf(oneMore)).toMatchObject({ statusCode: 400, code: 'QuotaExceeded' });
    await tokens.create(group, 'contoso', 'token-0', { scopeMapId: pushMap });
    for (let count = 5; count < 100; count++)
      await scopeMaps.create(group, 'contoso', `map-${count}x`, { actions: [] });
    const oneMoreMap = scopeMaps.create(group, 'contoso', 'one-more', { actions: [] });
    expect(await failureOf(oneMoreMap)).toMatchObject({ statusCode: 400, code: 'QuotaExceeded' });
    await basic.close();
  });
});
