import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  administrator,
  all,
  failureOf,
  group,
  type RegistryUnderTest,
  registryId,
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
    ['contoso', { ...premium, sku: { name: 'Gold' } }, 'InvalidRequestContent'],
    ['contoso', { ...premium, zoneRedundancy: 'Enabled' }, 'InvalidRequestContent'],
    ['fabrikam', premium, 'RegistryNotConfigured'],
  ])('is put as it can be here only: %s, %j', async (name, body, code) => {
    const put = registry.client().registries.create(group, name, body);
    expect(await failureOf(put)).toMatchObject({ statusCode: 400, code });
  });
});

describe('from where a registry can be reached', () => {
  const closed = [{ publicNetworkAccess: 'Disabled' }, { networkRuleSet: { defaultAction: 'Deny' } }];

  it.each(closed)(
    'is closed by %j, which later reads show and the login server keeps to',
    async (changes) => {
      const password = await registry.createToken('first-token', ['repositories/*/content/read']);
      const { registries } = registry.client(administrator);
      await registries.update(group, 'contoso', changes);
      expect(await registries.get(group, 'contoso')).toMatchObject(changes);
      expect((await registry.logIn('first-token', password)).status).toBe(403);
      await registries.update(group, 'contoso', { adminUserEnabled: true });
      expect(await registries.get(group, 'contoso')).toMatchObject(changes);
    },
  );

  it('is open again where a template that does not say so is deployed', async () => {
    const password = await registry.createToken('first-token', ['repositories/*/content/read']);
    const { registries } = registry.client();
    await registries.update(group, 'contoso', { publicNetworkAccess: 'Disabled' });
    const put = await registries.create(group, 'contoso', premium);
    expect(put).toMatchObject({ publicNetworkAccess: 'Enabled', networkRuleSet: { defaultAction: 'Allow' } });
    expect((await registry.logIn('first-token', password)).status).toBe(200);
  });

  it.each(closed)('cannot be closed below the tier Premium: %j', async (changes) => {
    const { registries } = registry.client();
    const update = registries.update(group, 'contoso', { sku: { name: 'Standard' }, ...changes });
    expect(await failureOf(update)).toMatchObject({ statusCode: 400, code: 'NetworkRulesNotSupported' });
    expect(await registries.get(group, 'contoso')).toMatchObject({ sku: { name: 'Premium' } });
  });
});

describe('the tier of a registry', () => {
  it('is changed, with how much fits, and is what it was after a reset', async () => {
    const { registries } = registry.client(administrator);
    await registries.update(group, 'contoso', { sku: { name: 'basic' } });
    const basic = await registries.get(group, 'contoso');
    expect(basic).toMatchObject({ sku: { name: 'Basic', tier: 'Basic' } });
    expect(basic.networkRuleSet).toBeUndefined();
    const pull = registries.update(group, 'contoso', { anonymousPullEnabled: true });
    expect(await failureOf(pull)).toMatchObject({ statusCode: 400, code: 'AnonymousPullNotSupported' });
    const scopeMapId = `${registryId}/scopeMaps/_repositories_pull`;
    const { tokens } = registry.client();
    registry.running.updateSettings({
      writeAnswer: 'done',
      writeLimit: { capacity: 500, refillPerSecond: 10 },
    });
    for (let number = 0; number < 100; number += 1)
      await tokens.create(group, 'contoso', `token-${number}`, { scopeMapId });
    const oneMore = tokens.create(group, 'contoso', 'token-100', { scopeMapId });
    expect(await failureOf(oneMore)).toMatchObject({ statusCode: 400, code: 'QuotaExceeded' });
    registry.running.reset();
    expect(await registries.get(group, 'contoso')).toMatchObject({ sku: { name: 'Premium' } });
  });
});
