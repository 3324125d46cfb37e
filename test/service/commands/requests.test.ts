import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunningService } from '../running-service.ts';
import { RegistryContents } from './registry-contents.ts';
import { Requester, teamRequest } from './requester.ts';

const requested = 'keyturn.token.requested';
const provisioned = 'keyturn.token.provisioned';
const updated = 'keyturn.token.access-updated';

vi.setConfig({ testTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
let registry: RegistryContents;

beforeAll(async () => {
  service = await RunningService.start({
    changeConfiguration: ({ entrances }) =>
      Object.assign(entrances['token-requests']?.policy ?? {}, {
        owners: ['team-*', 'guild-*'],
        repositories: {
          '*': ['content/read', 'metadata/read'],
          'teams/*': ['content/read', 'content/write'],
        },
        scopeMaps: ['shared-readers', 'shared-missing', '_repositories_pull'],
      }),
  });
  requester = await Requester.open(service);
  registry = await RegistryContents.open(service);
  await registry.makeScopeMap('shared-readers', ['repositories/shared/base/content/read']);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

async function secret(name: string) {
  const { value, properties } = await (await service.secrets()).getSecret(name);
  const { tags, contentType, expiresOn, version } = properties;
  return { value, tags, contentType, expiresAt: expiresOn?.toISOString(), version };
}

describe.concurrent('a request', () => {
  it('makes the token with its own map, and the vault has its password with all that says whose it is', async () => {
    const request = teamRequest(
      { 'teams/web': ['content/read', 'content/write'] },
      { purpose: 'Pipelines of the web team', lifetime: 'P300D' },
    );
    const { expiresAt, secretVersion, secretUri } = await requester.cause(
      provisioned,
      requested,
      'team-new',
      request,
    );
    expect(await registry.token('team-new')).toMatchObject({
      status: 'enabled',
      scopeMap: 'team-new-scope-map',
      slots: [{ slot: 'password1' }],
    });
    expect(await registry.actions('team-new-scope-map')).toEqual([
      'repositories/teams/web/content/read',
      'repositories/teams/web/content/write',
    ]);
    expect(await secret('acr-contoso--team-new')).toMatchObject({
      contentType: 'text/plain',
      expiresAt,
      version: secretVersion,
      tags: {
        registry: 'contoso',
        token: 'team-new',
        incarnation: '1',
        generation: '1',
        slot: 'password1',
        entrance: 'token-requests',
        owner: 'team-web',
        schedule: 'standard P60D P14D',
        endOfLife: expect.any(String),
        delivery: 'password',
        scopeMap: 'team-new-scope-map',
      },
    });
    expect(new URL(secretUri).pathname).toBe('/secrets/acr-contoso--team-new');
    expect(await service.logIn('team-new')).toBe(200);
  });

  it('that asks again for what is there is done, and changes and tells nothing', async () => {
    await requester.cause(provisioned, requested, 'team-again', teamRequest());
    const before = [await registry.token('team-again'), await secret('acr-contoso--team-again')];
    expect(await requester.ask(requested, 'team-again', teamRequest())).toBe('done');
    expect([await registry.token('team-again'), await secret('acr-contoso--team-again')]).toEqual(before);
    expect(requester.told('team-again')).toEqual(['provisioned']);
  });

  it('that asks for something else changes access, schedule, end of life and purpose, and no password', async () => {
    const token = 'team-changing';
    await requester.cause(provisioned, requested, token, teamRequest());
    const before = await secret(`acr-contoso--${token}`);
    const changed = teamRequest(
      { 'teams/shop': ['content/write'] },
      { profile: 'live', purpose: 'The shop', lifetime: 'P90D', delivery: { format: 'dockerConfigJson' } },
    );
    const data = await requester.cause(updated, requested, token, changed);
    expect(data).toMatchObject({ changed: ['access', 'schedule', 'endOfLife', 'purpose'], generation: 1 });
    expect(await registry.actions(`${token}-scope-map`)).toEqual(['repositories/teams/shop/content/write']);
    expect(await secret(`acr-contoso--${token}`)).toEqual(before);
    expect(await requester.state(token)).toMatchObject({
      managed: { delivery: { format: 'password' }, schedule: { profile: 'live', rotateEvery: 'P30D' } },
    });
  });

  it('of another owner is denied, and changes nothing', async () => {
    const token = 'team-owned';
    await requester.cause(provisioned, requested, token, teamRequest());
    const before = [await registry.token(token), await requester.standing(token)];
    const other = { ...teamRequest({ 'teams/web': ['content/write'] }), owner: 'guild-web' };
    expect(await requester.ask(requested, token, other)).toBe('denied ownedByAnother');
    expect([await registry.token(token), await requester.standing(token)]).toEqual(before);
    expect(await registry.actions(`${token}-scope-map`)).toEqual(['repositories/teams/web/content/read']);
  });

  it('beyond the policy is denied with the rule and what breaks it, and leaves nothing behind', async () => {
    const beyond = teamRequest({ 'teams/web': ['content/delete'] });
    const { rule, detail } = await requester.cause(
      'keyturn.token.request-denied',
      requested,
      'team-beyond',
      beyond,
    );
    expect([rule, detail]).toEqual(['repositoryNotAllowed', 'teams/web content/delete']);
    expect([await registry.token('team-beyond'), await registry.actions('team-beyond-scope-map')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('for a token that somebody else made fails, says what to do, and leaves that token alone', async () => {
    await registry.makeToken('team-stranger', 'shared-readers');
    const before = await registry.token('team-stranger');
    const told = requester.cause('keyturn.token.request-failed', requested, 'team-stranger', teamRequest());
    expect(await told).toMatchObject({ code: 'tokenNotOurs', toDo: expect.any(String) });
    expect(await registry.token('team-stranger')).toEqual(before);
  });
});

describe.concurrent('a scope map', () => {
  const longName = 'team-with-a-name-that-is-longer-than-forty-chars';
  const longMap = 'team-with-a-name-that-is-longer-57d5d8a3-scope-map';

  it('of its own is cut to 50 characters for a token with a long name, and goes with the token', async () => {
    await requester.cause(provisioned, requested, longName, teamRequest());
    expect([longMap.length, await registry.actions(longMap)]).toEqual([
      50,
      ['repositories/teams/web/content/read'],
    ]);
    await requester.cause('keyturn.token.deleted', 'keyturn.token.deletion-requested', longName, {
      reason: 'Over',
    });
    expect([await registry.token(longName), await registry.actions(longMap)]).toEqual([undefined, undefined]);
  });

  it('that is shared is used as it is, and outlives the token', async () => {
    const request = { owner: 'team-web', access: { scopeMap: 'shared-readers' } };
    await requester.cause(provisioned, requested, 'team-sharing', request);
    expect(await registry.token('team-sharing')).toMatchObject({ scopeMap: 'shared-readers' });
    expect(await registry.actions('team-sharing-scope-map')).toBeUndefined();
    await requester.cause('keyturn.token.deleted', 'keyturn.token.deletion-requested', 'team-sharing', {
      reason: 'Over',
    });
    expect(await registry.actions('shared-readers')).toEqual(['repositories/shared/base/content/read']);
  });

  it('of the system can be used where the policy lists it, and no other', async () => {
    const pull = { owner: 'team-web', access: { scopeMap: '_repositories_pull' } };
    await requester.cause(provisioned, requested, 'team-puller', pull);
    expect(await registry.token('team-puller')).toMatchObject({ scopeMap: '_repositories_pull' });
    const push = { owner: 'team-web', access: { scopeMap: '_repositories_push' } };
    expect(await requester.ask(requested, 'team-pusher', push)).toBe('denied scopeMapNotListed');
  });

  it('that is missing fails the request, and that says what to do', async () => {
    const request = { owner: 'team-web', access: { scopeMap: 'shared-missing' } };
    const told = requester.cause('keyturn.token.request-failed', requested, 'team-mapless', request);
    expect(await told).toMatchObject({ code: 'scopeMapMissing', toDo: expect.any(String) });
    expect(await registry.token('team-mapless')).toBeUndefined();
  });

  it("that somebody else made under the name of the token's own is left alone, and fails the request", async () => {
    const actions = ['repositories/teams/web/content/read'];
    await registry.makeScopeMap('team-mapped-scope-map', actions);
    const told = requester.cause(
      'keyturn.token.request-failed',
      requested,
      'team-mapped',
      teamRequest({ 'teams/web': ['content/write'] }),
    );
    expect(await told).toMatchObject({ code: 'scopeMapNotOurs', toDo: expect.any(String) });
    expect(await registry.actions('team-mapped-scope-map')).toEqual(actions);
  });
});

describe.concurrent('a secret', () => {
  it('is named and written as it was asked for: a docker config file with the login', async () => {
    const delivery = { format: 'dockerConfigJson', secretName: 'team-pull' };
    await requester.cause(provisioned, requested, 'team-docker', teamRequest(undefined, { delivery }));
    const { value, contentType } = await secret('team-pull');
    expect(contentType).toBe('application/json');
    const [[loginServer, login] = []] = Object.entries(JSON.parse(value ?? '').auths);
    const { username, password, auth } = login as Record<'username' | 'password' | 'auth', string>;
    expect([loginServer, username]).toEqual([service.loginServer(), 'team-docker']);
    expect(Buffer.from(auth, 'base64').toString()).toBe(`team-docker:${password}`);
    expect(await service.logIn('team-docker', password)).toBe(200);
    const thief = teamRequest(undefined, { delivery: { format: 'password', secretName: 'TEAM-pull' } });
    expect(await requester.ask(requested, 'team-thief', thief)).toBe('failed secretNotOurs');
    expect((await secret('team-pull')).value).toBe(value);
  });

  it('with a name that the policy does not allow is denied', async () => {
    const delivery = { format: 'password', secretName: 'production-database' };
    const request = teamRequest(undefined, { delivery });
    expect(await requester.ask(requested, 'team-namer', request)).toBe('denied secretNameNotAllowed');
  });

  it('that is somebody else’s is left alone, and fails the request before the token is made', async () => {
    const { properties } = await (await service.secrets()).setSecret('team-foreign', 'not yours');
    const delivery = { format: 'password', secretName: 'team-foreign' };
    const told = requester.cause(
      'keyturn.token.request-failed',
      requested,
      'team-blocked',
      teamRequest(undefined, { delivery }),
    );
    expect(await told).toMatchObject({ code: 'secretNotOurs', toDo: expect.any(String) });
    expect(await secret('team-foreign')).toMatchObject({ value: 'not yours', version: properties.version });
    expect(await registry.token('team-blocked')).toBeUndefined();
    const elsewhere = teamRequest(undefined, { delivery: { format: 'password', secretName: 'team-free' } });
    await requester.cause(provisioned, requested, 'team-blocked', elsewhere);
    expect(await service.logIn('team-blocked', (await secret('team-free')).value)).toBe(200);
  });
});
