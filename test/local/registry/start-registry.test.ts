import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../infra/local/part.ts';
import {
  findDockerRegistry,
  startDockerRegistry,
} from '../../../infra/local/registry/docker-registry-process.ts';
import { startRegistry } from '../../../infra/local/registry/start-registry.ts';
import { describeWithPackages } from '../../debian-packages.ts';
import { httpsRequest } from '../identity/https-request.ts';
import { type LocalCloud, openLocalCloud } from '../identity/local-cloud.ts';
import { bearer, group, registryId, startRegistryUnderTest } from './registry-under-test.ts';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await openLocalCloud();
});
afterAll(() => cloud.close());

function start(config: object, port = 0) {
  const { certificates, accessTokens } = cloud;
  return startRegistry({
    resourceManagerAddress: { host: '127.0.0.1', port },
    loginServerHost: '127.0.0.1',
    context: cloud,
    certificates,
    accessTokens,
    config,
  });
}

describe('the registry part', () => {
  it.each([
    [
      { registries: [{ name: 'no-hyphens' }] },
      'registry: registries.0.name: must be 5 to 50 letters and digits',
    ],
    [
      { registries: [{ name: 'contoso' }, { name: 'Contoso' }] },
      'registry: registries: must have different names',
    ],
    [{ location: 'West Europe' }, 'registry: location: must be a region such as westeurope'],
    [{ settings: { listPageSize: 0 } }, expect.stringMatching(/^registry: settings.listPageSize: [^\n]+$/)],
    [{ sku: 'Premium' }, expect.stringMatching(/^registry: configuration: [^\n]*sku[^\n]*$/)],
  ])('refuses the configuration %j in one line', async (config, message) => {
    await expect(start(config)).rejects.toThrow(expect.objectContaining({ name: 'UsageError', message }));
  });

  it('says which port is taken, and leaves nothing listening', async () => {
    const first = await start({});
    const port = Number(new URL(first.endpoints['resource-manager'] ?? '').port);
    const second = start({}, port);
    await expect(second).rejects.toThrow(
      new UsageError(`Port ${port} on 127.0.0.1, for resource-manager, is taken by another program`),
    );
    await first.close();
    const third = await start({}, port);
    await third.close();
  });

  it('serves several registries, each in its resource group and with a login server of its own', async () => {
    const registry = await startRegistryUnderTest({
      registries: [{ name: 'contoso' }, { name: 'fabrikam', resourceGroup: 'elsewhere', sku: 'Basic' }],
    });
    expect(Object.keys(registry.running.endpoints)).toEqual([
      'resource-manager',
      'login-server contoso',
      'login-server fabrikam',
    ]);
    expect(registry.running.environment).toEqual({
      AZURE_RESOURCE_MANAGER_ENDPOINT: registry.running.endpoints['resource-manager'],
      REGISTRY_RESOURCE_ID: registryId,
    });
    const { registries } = registry.client();
    expect((await registries.get('elsewhere', 'fabrikam')).loginServer).toBe(
      registry.loginServer('fabrikam'),
    );
    await expect(registries.get(group, 'fabrikam')).rejects.toMatchObject({ statusCode: 404 });
    const password = await registry.createToken('first-token', []);
    const { accessToken } = await registry.logIn('first-token', password);
    const probe = (name: string) =>
      httpsRequest(`https://${registry.loginServer(name)}/v2/`, {
        ca: registry.cloud.certificates.authority,
        headers: bearer(accessToken),
      });
    expect([(await probe('contoso')).status, (await probe('fabrikam')).status]).toEqual([200, 401]);
    await registry.close();
  });

  it('forgets on a reset what its users did and how it was set, but no password that it ever issued', async () => {
    const registry = await startRegistryUnderTest();
    const password = await registry.createToken('first-token', ['repositories/*/content/read']);
    registry.running.updateSettings({ listPageSize: 7 });
    registry.running.reset();
    expect(registry.running.settings().listPageSize).toBe(100);
    expect((await registry.arm('/tokens/first-token')).status).toBe(404);
    expect((await registry.logIn('first-token', password)).status).toBe(401);
    expect(registry.running.issuedPasswords()).toContain(password);
    await registry.close();
  });

  it('refuses a setting that does not fit, and then changes nothing', async () => {
    const registry = await startRegistryUnderTest();
    const before = registry.running.settings();
    for (const changes of [{ listPageSize: 5, pollsUntilDone: -1 }, { unknown: true }, 'nonsense', null])
      expect(() => registry.running.updateSettings(changes)).toThrow(
        expect.objectContaining({ name: 'ZodError' }),
      );
    expect(registry.running.settings()).toEqual(before);
    await registry.close();
  });
});

describeWithPackages(['docker-registry'], 'the helper for Debian’s docker-registry', () => {
  it('finds the program, starts it on a free port, keeps its images, and ends it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-docker-registry-'));
    const program = (await findDockerRegistry()) ?? '';
    const one = await startDockerRegistry(program, join(folder, 'one'));
    const two = await startDockerRegistry(program, join(folder, 'two'));
    expect(one.url).not.toBe(two.url);
    expect((await fetch(`${one.url}/v2/`)).status).toBe(200);
    await Promise.all([one.close(), two.close()]);
    await expect(fetch(`${one.url}/v2/`)).rejects.toThrow();
    await rm(folder, { recursive: true });
  });

  it('says what the program said when it does not start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-docker-registry-'));
    await expect(startDockerRegistry('/bin/false', folder)).rejects.toThrow('docker-registry ended with 1');
    await expect(startDockerRegistry('/nowhere/docker-registry', folder)).rejects.toThrow('ENOENT');
    await rm(folder, { recursive: true });
  });
});

describe('where docker-registry is not installed', () => {
  it('the helper finds nothing', async () => {
    expect(await findDockerRegistry('/nowhere')).toBeUndefined();
  });
});
