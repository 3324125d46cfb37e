import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  administrator,
  all,
  failureOf,
  group,
  type RegistryUnderTest,
  startRegistryUnderTest,
} from './registry-under-test.ts';

let registry: RegistryUnderTest;
const premium = { location: 'westeurope', sku: { name: 'Premium' } };

beforeAll(async () => {
  registry = await startRegistryUnderTest();
});
afterAll(() => registry.close());
beforeEach(() => registry.running.reset());

describe('a registry that is deleted', () => {
  it('is gone with its tokens, for its owner and for those who log in', async () => {
    const password = await registry.createToken('first-token', ['repositories/*/content/read']);
    expect((await registry.logIn('first-token', password)).status).toBe(200);
    const { registries, tokens } = registry.client(administrator);
    await registries.delete(group, 'contoso');
    expect(await failureOf(registries.get(group, 'contoso'))).toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
    expect(await all(registries.list())).toEqual([]);
    expect(await failureOf(tokens.get(group, 'contoso', 'first-token'))).toMatchObject({ statusCode: 404 });
    const write = tokens.create(group, 'contoso', 'first-token', { scopeMapId: 'x' });
    expect(await failureOf(write)).toMatchObject({ statusCode: 404, code: 'ParentResourceNotFound' });
    await expect(registry.ask('/v2/')).rejects.toThrow(/socket hang up|ECONNRESET/);
  });

  it('is deleted again without a word, and comes back at a reset', async () => {
    expect((await registry.arm('', { method: 'DELETE' })).status).toBe(202);
    expect((await registry.arm('', { method: 'DELETE' })).status).toBe(204);
    registry.running.reset();
    expect((await registry.arm('')).status).toBe(200);
  });

  it('stays when the deletion fails', async () => {
    registry.running.updateSettings({ failedOperations: 1 });
    const failure = await failureOf(registry.client().registries.delete(group, 'contoso'));
    expect(failure).toMatchObject({ statusCode: 409 });
    expect((await registry.arm('')).status).toBe(200);
  });
});

describe('a registry that is created again', () => {
  it('holds nothing of what it held, and has another date of creation', async () => {
    const password = await registry.createToken('first-token', ['repositories/*/content/read']);
    const { registries, tokens, scopeMaps } = registry.client();
    const before = await registries.get(group, 'contoso');
    await registries.delete(group, 'contoso');
    const after = await registries.create(group, 'contoso', { ...premium, adminUserEnabled: true });
    expect(after.id).toBe(before.id);
    expect(after.creationDate?.getTime()).toBeGreaterThan(before.creationDate?.getTime() ?? Infinity);
    expect(after).toMatchObject({ provisioningState: 'Succeeded', adminUserEnabled: true });
    expect(await all(tokens.list(group, 'contoso'))).toEqual([]);
    const maps = await all(scopeMaps.list(group, 'contoso'));
    expect(maps.every(({ name }) => name?.startsWith('_repositories_'))).toBe(true);
    expect((await registry.logIn('first-token', password)).status).toBe(401);
  });
});

describe('a registry that exists', () => {
  it('keeps its tokens when it is put, and loses the properties that are not named', async () => {
    const password = await registry.createToken('first-token', ['repositories/*/content/read']);
    const { registries } = registry.client();
    await registries.update(group, 'contoso', { adminUserEnabled: true, anonymousPullEnabled: true });
    const put = await registries.create(group, 'contoso', { ...premium, anonymousPullEnabled: true });
    expect(put).toMatchObject({ adminUserEnabled: false, anonymousPullEnabled: true });
    expect((await registry.logIn('first-token', password)).status).toBe(200);
  });

  it.each([
    ['contoso', { ...premium, sku: { name: 'Basic' } }, 'SkuNotSupported'],
    ['contoso', { ...premium, publicNetworkAccess: 'Disabled' }, 'InvalidRequestContent'],
    ['fabrikam', premium, 'RegistryNotConfigured'],
  ])('is put as it can be here only: %s, %j', async (name, body, code) => {
    const put = registry.client().registries.create(group, name, body);
    expect(await failureOf(put)).toMatchObject({ statusCode: 400, code });
  });
});
