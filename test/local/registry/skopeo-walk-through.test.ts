import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  findDockerRegistry,
  type RunningDockerRegistry,
  startDockerRegistry,
} from '../../../infra/local/registry/docker-registry-process.ts';
import { describeWithPackages } from '../../debian-packages.ts';
import { group, type RegistryUnderTest, startRegistryUnderTest } from './registry-under-test.ts';
import { type SkopeoRun, skopeoIn } from './skopeo.ts';
import { writeSmallImage } from './small-image.ts';

const helloWorld = 'samples/hello-world';
const alpine = 'samples/alpine';
const token = 'hello-token';
const denied = /denied|unauthorized|authentication required/i;

describeWithPackages(
  ['skopeo', 'docker-registry'],
  'the walk-through of Azure’s documentation, with skopeo',
  () => {
    let folder: string;
    let upstream: RunningDockerRegistry;
    let registry: RegistryUnderTest;
    let skopeo: (...words: string[]) => Promise<SkopeoRun>;
    let image: string;
    let password: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'keyturn-skopeo-'));
      upstream = await startDockerRegistry((await findDockerRegistry()) ?? '', join(folder, 'images'));
      registry = await startRegistryUnderTest({ registries: [{ name: 'contoso', upstream: upstream.url }] });
      skopeo = skopeoIn(folder, registry.cloud.certificates.authorityFile);
      image = await writeSmallImage(join(folder, 'image'), 3_000_000);
    });
    afterAll(async () => {
      await registry.close();
      await upstream.close();
      await rm(folder, { recursive: true });
    });
    beforeEach(async () => {
      registry.running.reset();
      password = await registry.createToken(token, actions(helloWorld, 'content/write', 'content/read'));
      await logIn(password);
    });

    function actions(repository: string, ...verbs: string[]): string[] {
      return verbs.map((verb) => `repositories/${repository}/${verb}`);
    }
    function allow(...allowed: string[][]) {
      return registry.client().scopeMaps.update(group, 'contoso', token, { actions: allowed.flat() });
    }
    async function logIn(secret: string): Promise<boolean> {
      return (await skopeo('login', registry.loginServer(), '--username', token, '--password', secret)).ok;
    }
    function push(repository: string) {
      return skopeo('copy', image, `docker://${registry.loginServer()}/${repository}:v1`);
    }
    function pull(repository: string) {
      const target = join(folder, `pulled-${crypto.randomUUID()}`);
      return skopeo('copy', `docker://${registry.loginServer()}/${repository}:v1`, `oci:${target}`);
    }
    async function expectDenied(run: Promise<SkopeoRun>) {
      const { ok, output } = await run;
      expect([ok, output]).toEqual([false, expect.stringMatching(denied)]);
    }
    async function expectDone(run: Promise<SkopeoRun>) {
      const { ok, output } = await run;
      expect(ok, output).toBe(true);
    }

    it('pushes to and pulls from the repository of the token’s scope map, and no other', async () => {
      await expectDone(push(helloWorld));
      await expectDone(pull(helloWorld));
      await expectDenied(push(alpine));
      await expectDenied(pull(alpine));
    });

    it('swaps what may be pushed as soon as the scope map does, while both can be pulled', async () => {
      await expectDone(push(helloWorld));
      await allow(actions(helloWorld, 'content/read'), actions(alpine, 'content/write', 'content/read'));
      await expectDone(push(alpine));
      await expectDenied(push(`${helloWorld}-2`));
      const changed = skopeo('copy', image, `docker://${registry.loginServer()}/${helloWorld}:v2`);
      await expectDenied(changed);
      await expectDone(pull(helloWorld));
      await expectDone(pull(alpine));
    });

    it('lists tags only with metadata/read', async () => {
      await expectDone(push(helloWorld));
      const list = () => skopeo('list-tags', `docker://${registry.loginServer()}/${helloWorld}`);
      await expectDenied(list());
      await allow(actions(helloWorld, 'content/read', 'metadata/read'));
      const { output } = await list();
      expect(JSON.parse(output)).toMatchObject({ Tags: ['v1'] });
    });

    it('deletes only with content/delete', async () => {
      const repository = 'samples/short-lived';
      await allow(actions(repository, 'content/write', 'content/read'));
      await expectDone(push(repository));
      const remove = () => skopeo('delete', `docker://${registry.loginServer()}/${repository}:v1`);
      await expectDenied(remove());
      await expectDone(pull(repository));
      await allow(actions(repository, 'content/write', 'content/read', 'content/delete'));
      await expectDone(remove());
      const { ok, output } = await pull(repository);
      expect([ok, output]).toEqual([false, expect.stringMatching(/manifest unknown/i)]);
    });

    it('copies between two repositories of one registry without a new upload, where both are allowed', async () => {
      await allow(actions('samples/*', 'content/write', 'content/read'));
      await expectDone(push(helloWorld));
      registry.cloud.history.clear();
      const server = registry.loginServer();
      await expectDone(
        skopeo('copy', `docker://${server}/${helloWorld}:v1`, `docker://${server}/samples/copied:v1`),
      );
      const requests = registry.cloud.history.list({ part: 'login-server' });
      expect(
        requests.filter(({ request }) => request.includes('mount=')).map(({ outcome }) => outcome),
      ).toContain(201);
      await expectDone(pull('samples/copied'));
    });

    it('logs in with the token’s password, and not with a wrong one', async () => {
      expect(await logIn(password)).toBe(true);
      expect(await logIn(`${password}x`)).toBe(false);
    });

    it('cannot log in with a disabled token, nor pull with an earlier login', async () => {
      await expectDone(push(helloWorld));
      await registry.client().tokens.update(group, 'contoso', token, { status: 'disabled' });
      expect(await logIn(password)).toBe(false);
      await expectDenied(pull(helloWorld));
    });

    it('cannot log in with a password that has expired', async () => {
      const expiry = new Date(registry.cloud.clock.now().getTime() + 24 * 60 * 60 * 1000);
      const limited = await registry.generate(token, 'password2', expiry);
      expect(await logIn(limited)).toBe(true);
      await registry.cloud.clock.advance(25 * 60 * 60 * 1000);
      expect(await logIn(limited)).toBe(false);
    });

    it('still logs in with one password after the other slot was regenerated', async () => {
      const second = await registry.generate(token, 'password2');
      const next = await registry.generate(token, 'password1');
      expect(await logIn(second)).toBe(true);
      await registry.cloud.clock.advance(60_000);
      expect([await logIn(second), await logIn(password), await logIn(next)]).toEqual([true, false, true]);
    });

    it('pulls without any login only while anonymous pull is on', async () => {
      await expectDone(push(helloWorld));
      await expectDone(skopeo('logout', registry.loginServer()));
      await expectDenied(pull(helloWorld));
      await registry.client().registries.update(group, 'contoso', { anonymousPullEnabled: true });
      await expectDone(pull(helloWorld));
      await expectDenied(push(helloWorld));
    });

    it('says that the images are out of reach when the registry behind has gone', async () => {
      const lone = await startDockerRegistry((await findDockerRegistry()) ?? '', join(folder, 'lone'));
      const second = await startRegistryUnderTest({ registries: [{ name: 'contoso', upstream: lone.url }] });
      const secret = await second.createToken(token, actions(helloWorld, 'content/read'));
      const { accessToken } = await second.logIn(token, secret, [`repository:${helloWorld}:pull`]);
      const ask = () =>
        second.ask(`/v2/${helloWorld}/manifests/v1`, { headers: { authorization: `Bearer ${accessToken}` } });
      expect((await ask()).status).toBe(404);
      await lone.close();
      const gone = await ask();
      expect([gone.status, JSON.parse(gone.body).errors[0].code]).toEqual([503, 'UNAVAILABLE']);
      await second.close();
    });
  },
);
