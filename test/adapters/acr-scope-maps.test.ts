import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all, failureOf } from './keyturn-cloud.ts';
import { type ControlPlaneUnderTest, map, pull, startControlPlane } from './start-control-plane.ts';

let plane: ControlPlaneUnderTest;
let keyturn: ControlPlaneUnderTest['keyturn'];
let registry: ControlPlaneUnderTest['registry'];
let adapter: ControlPlaneUnderTest['adapter'];
let createMap: ControlPlaneUnderTest['createMap'];

beforeAll(async () => {
  plane = await startControlPlane();
  ({ keyturn, registry, adapter, createMap } = plane);
});
afterAll(() => plane.keyturn.close());
beforeEach(() => plane.control.reset());

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
