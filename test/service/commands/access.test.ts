import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeWithPackages } from '../../debian-packages.ts';
import { type SkopeoRun, skopeoIn } from '../../local/registry/skopeo.ts';
import { writeSmallImage } from '../../local/registry/small-image.ts';
import { RunningService } from '../running-service.ts';
import { RegistryContents } from './registry-contents.ts';
import { Requester, teamRequest } from './requester.ts';

const requested = 'keyturn.token.requested';
const provisioned = 'keyturn.token.provisioned';
const changing = 'keyturn.token.access-changed';
const updated = 'keyturn.token.access-updated';
const partners = { entrance: 'token-requests-partners' } as const;
const sharedActions = ['repositories/shared/base/content/read', 'repositories/shared/tools/content/read'];

vi.setConfig({ testTimeout: 120_000 });

let service: RunningService;
let requester: Requester;
let registry: RegistryContents;

beforeAll(async () => {
  service = await RunningService.start({
    changeConfiguration: ({ entrances }) => {
      const scopeMaps = ['shared-readers'];
      Object.assign(entrances['token-requests']?.policy ?? {}, { scopeMaps });
      const { policy = { commands: [] } } = entrances['token-requests-partners'] ?? {};
      const commands = [...(policy.commands as string[]), changing];
      Object.assign(policy, { scopeMaps, commands, rotateOnScopeMapChange: true, bounds: {} });
    },
  });
  requester = await Requester.open(service);
  registry = await RegistryContents.open(service);
  await registry.makeScopeMap('shared-readers', sharedActions);
});
afterAll(async () => {
  await requester.close();
  await service.close();
});

describe.concurrent('a change of access', () => {
  it('adds and removes repositories of the own map at once, with the same password', async () => {
    const token = 'team-moving';
    await requester.cause(
      provisioned,
      requested,
      token,
      teamRequest({ 'teams/web': ['content/read', 'content/write'] }),
    );
    const password = await service.publishedPassword(token);
    const access = {
      added: { 'teams/shop': ['content/read'] },
      removed: { 'teams/web': ['content/write'] },
    };
    const data = await requester.cause(updated, changing, token, { access });
    expect(data).toMatchObject({ changed: ['access'], scopeMap: `${token}-scope-map`, generation: 1 });
    expect(await registry.actions(`${token}-scope-map`)).toEqual([
      'repositories/teams/shop/content/read',
      'repositories/teams/web/content/read',
    ]);
    expect(await service.publishedPassword(token)).toBe(password);
    expect(await requester.ask(changing, token, { access })).toBe('done');
    expect(requester.told(token)).toEqual(['provisioned', 'access-updated']);
  });

  it('to a shared map binds that and removes the own one; repositories added then make an own map of all', async () => {
    const token = 'team-turning';
    await requester.cause(provisioned, requested, token, teamRequest());
    const shared = { access: { scopeMap: 'shared-readers' } };
    expect(await requester.cause(updated, changing, token, shared)).toMatchObject({
      changed: ['access'],
      scopeMap: 'shared-readers',
    });
    expect([await registry.token(token), await registry.actions(`${token}-scope-map`)]).toMatchObject([
      { scopeMap: 'shared-readers' },
      undefined,
    ]);
    const more = { access: { added: { 'teams/web': ['content/write'] } } };
    await requester.cause(updated, changing, token, more);
    expect(await registry.token(token)).toMatchObject({ scopeMap: `${token}-scope-map` });
    expect(await registry.actions(`${token}-scope-map`)).toEqual([
      ...sharedActions,
      'repositories/teams/web/content/write',
    ]);
    expect(await registry.actions('shared-readers')).toEqual(sharedActions);
  });

  it('to nothing, or beyond the policy, is denied and changes nothing', async () => {
    const token = 'team-narrow';
    await requester.cause(provisioned, requested, token, teamRequest());
    const nothing = { access: { removed: { 'teams/web': ['content/read'] } } };
    expect(await requester.ask(changing, token, nothing)).toBe('denied nothingLeft');
    const beyond = { access: { added: { 'production/web': ['content/read'] } } };
    expect(await requester.ask(changing, token, beyond)).toBe('denied repositoryNotAllowed');
    expect(await registry.actions(`${token}-scope-map`)).toEqual(['repositories/teams/web/content/read']);
  });

  it('to another map also changes the password where the policy says so', async () => {
    const token = 'partner-turning';
    const access = { repositories: { 'shared/base': ['content/read'] } };
    await requester.cause(provisioned, requested, token, { owner: 'fabrikam', access }, partners);
    const before = await service.publishedPassword(token);
    const shared = { access: { scopeMap: 'shared-readers' } };
    const data = await requester.cause('keyturn.token.rotated', changing, token, shared, partners);
    expect(data).toMatchObject({ cause: 'scopeMapChanged', slot: 'password2', generation: 2 });
    expect(await service.publishedPassword(token)).not.toBe(before);
    expect([await service.logIn(token), await service.logIn(token, before)]).toEqual([200, 200]);
    expect(requester.told(token)).toEqual(['provisioned', 'access-updated', 'rotated']);
  });
});

describeWithPackages(['skopeo', 'docker-registry'], 'a delivered docker config file', () => {
  const token = 'team-images';
  const denied = /denied|unauthorized|authentication required/i;
  let skopeo: (...words: string[]) => Promise<SkopeoRun>;
  let image: string;
  let authorizationFile: string;

  beforeAll(async () => {
    skopeo = skopeoIn(service.folder, join(service.folder, 'certificates', 'ca.crt'));
    image = await writeSmallImage(join(service.folder, 'small-image'));
    authorizationFile = join(service.folder, 'pull-secret.json');
    const delivery = { format: 'dockerConfigJson', secretName: 'team-images-pull' };
    const repositories = { 'teams/web': ['content/read', 'content/write'], 'teams/base': ['content/read'] };
    await requester.cause(provisioned, requested, token, teamRequest(repositories, { delivery }));
    await writeFile(authorizationFile, await service.publishedPassword(token, delivery.secretName));
  });

  function push(repository: string): Promise<SkopeoRun> {
    const place = `docker://${service.loginServer()}/${repository}:v1`;
    return skopeo('copy', '--authfile', authorizationFile, image, place);
  }
  function pull(repository: string): Promise<SkopeoRun> {
    const place = `docker://${service.loginServer()}/${repository}:v1`;
    return skopeo('copy', '--authfile', authorizationFile, place, `oci:${join(service.folder, 'pulled')}`);
  }
  async function expectDenied(run: Promise<SkopeoRun>): Promise<void> {
    const { ok, output } = await run;
    expect([ok, output]).toEqual([false, expect.stringMatching(denied)]);
  }
  async function expectDone(run: Promise<SkopeoRun>): Promise<void> {
    const { ok, output } = await run;
    expect(ok, output).toBe(true);
  }

  it('pushes and pulls where that was granted, and nowhere else', async () => {
    await expectDone(push('teams/web'));
    await expectDone(pull('teams/web'));
    await expectDenied(push('teams/base'));
    await expectDenied(push('teams/shop'));
  });

  it('does what a change of access says as soon as that is told, until the token is disabled', async () => {
    const access = {
      added: { 'teams/shop': ['content/write'] },
      removed: { 'teams/web': ['content/write'] },
    };
    await requester.cause(updated, changing, token, { access });
    await expectDone(pull('teams/web'));
    await expectDenied(push('teams/web'));
    await requester.cause('keyturn.token.disabled', 'keyturn.token.disable-requested', token, {
      reason: 'Over',
    });
    await expectDenied(pull('teams/web'));
  });
});
