import { describe, expect, it } from 'vitest';
import { all, failureOf } from './keyturn-cloud.ts';
import { map, pull, useControlPlane } from './use-control-plane.ts';

const plane = useControlPlane();

describe('a scope map', () => {
  it('is made if there is none, and left as it is if there is one', async () => {
    expect(await plane.createMap()).toEqual({
      created: true,
      scopeMap: { name: map, description: 'keyturn:test/team-token', actions: pull, system: false },
    });
    const other = { description: 'other', actions: [] };
    expect(await plane.registry.createScopeMap(map, other)).toMatchObject({
      created: false,
      scopeMap: { description: 'keyturn:test/team-token' },
    });
  });

  it('gets other actions and keeps its description', async () => {
    await plane.createMap();
    const push = [...pull, 'repositories/team/*/content/write'];
    expect(await plane.registry.setScopeMapActions(map, push)).toMatchObject({
      description: 'keyturn:test/team-token',
      actions: push,
    });
  });

  it('that is not there reads as null and is neither changed nor deleted', async () => {
    expect(await plane.registry.readScopeMap(map)).toBeNull();
    expect(await plane.registry.setScopeMapActions(map, pull)).toBeNull();
    expect(await plane.registry.deleteScopeMap(map)).toBe(false);
  });

  it('is gone when it is deleted', async () => {
    await plane.createMap();
    expect(await plane.registry.deleteScopeMap(map)).toBe(true);
    expect(await plane.registry.readScopeMap(map)).toBeNull();
  });

  it("of the registry's own is told apart in the list", async () => {
    await plane.createMap();
    const maps = await all(plane.registry.listScopeMaps());
    expect(maps.filter(({ system }) => !system).map(({ name }) => name)).toEqual([map]);
    expect(maps.find(({ name }) => name === '_repositories_pull')?.system).toBe(true);
  });
});

describe('a registry', () => {
  it('tells its login server, since when it is there, and who may come in without a token', async () => {
    expect(await plane.registry.readRegistry()).toEqual({
      loginServer: expect.stringMatching(/^localhost:\d+$/),
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      sku: 'Premium',
      adminUserEnabled: false,
      anonymousPullEnabled: false,
      publicNetworkAccess: true,
      allowedByDefault: true,
    });
  });

  it('that does not exist is not found', async () => {
    const nowhere = `${plane.keyturn.cloud.environment.REGISTRY_RESOURCE_ID}2`;
    expect(await failureOf(plane.adapter('keyturn', nowhere).readRegistry())).toMatchObject({
      code: 'notFound',
    });
  });
});
