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
const pull = 'repositories/samples/hello-world/content/read';
const push = 'repositories/samples/hello-world/content/write';

beforeAll(async () => {
  registry = await startRegistryUnderTest();
});
afterAll(() => registry.close());
beforeEach(() => registry.running.reset());

function createMap(name: string, actions: string[] = [pull]) {
  return registry.client().scopeMaps.create(group, 'contoso', name, { actions });
}

describe('scope maps', () => {
  it('are created at once, with 200 and no operation to follow', async () => {
    const put = await registry.arm('/scopeMaps/first_map', {
      method: 'PUT',
      body: { properties: { actions: [pull], description: 'keyturn:form/first' } },
    });
    expect(put.status).toBe(200);
    expect(put.headers).not.toHaveProperty('azure-asyncoperation');
    expect(JSON.parse(put.body)).toMatchObject({
      type: 'Microsoft.ContainerRegistry/registries/scopeMaps',
      id: `${registryId}/scopeMaps/first_map`,
      name: 'first_map',
      properties: {
        description: 'keyturn:form/first',
        type: 'UserDefined',
        provisioningState: 'Succeeded',
        actions: [pull],
      },
    });
  });

  it('are changed by PATCH, which leaves alone what it does not name', async () => {
    await registry.client().scopeMaps.create(group, 'contoso', 'first-map', {
      actions: [pull],
      description: 'mine',
    });
    const updated = await registry
      .client()
      .scopeMaps.update(group, 'contoso', 'first-map', { actions: [push] });
    expect(updated).toMatchObject({ actions: [push], description: 'mine', provisioningState: 'Succeeded' });
    await registry.client().scopeMaps.update(group, 'contoso', 'first-map', { description: 'theirs' });
    expect(await registry.client().scopeMaps.get(group, 'contoso', 'FIRST-map')).toMatchObject({
      actions: [push],
      description: 'theirs',
    });
  });

  it('of the system are in every registry, without systemData, and cannot be changed or deleted', async () => {
    await createMap('first-map');
    const maps = await all(registry.client().scopeMaps.list(group, 'contoso'));
    expect(maps.map(({ name, typePropertiesType }) => [name, typePropertiesType])).toEqual([
      ['_repositories_admin', 'SystemDefined'],
      ['_repositories_pull', 'SystemDefined'],
      ['_repositories_pull_metadata_read', 'SystemDefined'],
      ['_repositories_push', 'SystemDefined'],
      ['_repositories_push_metadata_write', 'SystemDefined'],
      ['first-map', 'UserDefined'],
    ]);
    expect(maps.map(({ systemData }) => systemData === undefined)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    const { scopeMaps } = registry.client();
    for (const attempt of [
      () => createMap('_repositories_pull', [push]),
      () => scopeMaps.update(group, 'contoso', '_repositories_pull', { actions: [push] }),
      () => scopeMaps.delete(group, 'contoso', '_repositories_pull'),
    ])
      expect(await failureOf(attempt())).toMatchObject({ statusCode: 400, code: 'SystemScopeMapReadOnly' });
    expect((await scopeMaps.get(group, 'contoso', '_repositories_pull')).actions).toEqual([
      'repositories/*/content/read',
    ]);
  });

  it.each([
    'content/read',
    'repositories/samples/content/list',
    'repositories//content/read',
    'repositories/samples/content/read/',
    'repositories/Samples/content/read',
    'repositories/team*/content/read',
    'repositories/*/samples/content/read',
    'repositories/*/*/content/read',
    'repositories/-samples/content/read',
    'gateway/branch/content/read',
    'registry/catalog/content/read',
  ])('refuse the action %s, also in a change', async (action) => {
    expect(await failureOf(createMap('first-map', [pull, action]))).toMatchObject({
      statusCode: 400,
      code: 'InvalidScopeMapAction',
      message: expect.stringContaining(`Scope map action: '${action}' is invalid or not supported.`),
    });
    await createMap('first-map');
    const change = registry.client().scopeMaps.update(group, 'contoso', 'first-map', { actions: [action] });
    expect(await failureOf(change)).toMatchObject({ statusCode: 400, code: 'InvalidScopeMapAction' });
  });

  it('take wildcards as the last segments of a name, every verb, and the actions of connected registries', async () => {
    const actions = [
      'repositories/*/content/read',
      'repositories/samples/*/content/delete',
      'repositories/a-b/c_d.e__f/metadata/read',
      'repositories/samples/metadata/write',
      'gateway/branch/message/write',
    ];
    expect((await createMap('first-map', actions)).actions).toEqual(actions);
  });

  it('have at most 500 actions', async () => {
    const actions = Array.from({ length: 501 }, (_, count) => `repositories/samples/r${count}/content/read`);
    await createMap('first-map', actions.slice(1));
    expect(await failureOf(createMap('first-map', actions))).toMatchObject({
      statusCode: 400,
      code: 'QuotaExceeded',
    });
  });

  it.each(['four', 'has.dot', 'x'.repeat(51)])('cannot be named %s', async (name) => {
    expect(await failureOf(createMap(name))).toMatchObject({ statusCode: 400, code: 'InvalidResourceName' });
  });

  it('can be deleted while tokens use them, unless the registry is set to refuse it', async () => {
    const map = await createMap('first-map');
    await registry.client().tokens.create(group, 'contoso', 'first-token', { scopeMapId: map.id ?? '' });
    registry.running.updateSettings({ deleteOfUsedScopeMap: 'refused' });
    const refused = registry.client().scopeMaps.delete(group, 'contoso', 'first-map');
    expect(await failureOf(refused)).toMatchObject({ statusCode: 409, code: 'ScopeMapInUse' });
    registry.running.updateSettings({ deleteOfUsedScopeMap: 'allowed' });
    await registry.client().scopeMaps.delete(group, 'contoso', 'first-map');
    const gone = registry.client().scopeMaps.get(group, 'contoso', 'first-map');
    expect(await failureOf(gone)).toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
    const again = registry.client().scopeMaps.delete(group, 'contoso', 'first-map');
    expect(await failureOf(again)).toMatchObject({ statusCode: 404 });
    const token = await registry.client().tokens.get(group, 'contoso', 'first-token');
    expect(token.scopeMapId).toBe(`${registryId}/scopeMaps/first-map`);
  });
});
