import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningService } from '../../service/running-service.ts';
import { runOperation } from '../run-operation.ts';

let service: RunningService;

beforeAll(async () => {
  service = await RunningService.startCloud({
    registrySettings: { replicationSeconds: 0.5, accessTokenMinutes: 0.1 },
  });
});
afterAll(() => service.close());

interface Measured {
  readonly what: string;
  readonly loginServer: string;
  readonly figures: Record<string, number>;
}

const quickly = [
  ...['--interval', 'PT1S', '--watch', 'PT3S', '--short-validity', 'PT2S', '--patience', 'PT1M'],
  ...['--repeats', '1'],
];
const measure = (...words: string[]) =>
  runOperation(
    service,
    'measure',
    ...['--registry', service.setting('REGISTRY_RESOURCE_ID')],
    ...['--resource-manager', service.setting('AZURE_RESOURCE_MANAGER_ENDPOINT')],
    ...words,
  );

describe('npm run measure', () => {
  it('measures what the registry does, and leaves nothing behind', async () => {
    const { code, output, errors } = await measure('--json', ...quickly);
    expect([errors, code]).toEqual(['', 0]);
    const measured = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Measured);
    expect(measured.map(({ what }) => what)).toEqual([
      'firstPassword',
      'regenerated',
      'shortExpiry',
      'disabled',
      'accessToken',
    ]);
    for (const { loginServer } of measured) expect(loginServer).toBe(service.loginServer());
    const figures = Object.fromEntries(measured.map((each) => [each.what, each.figures]));
    expect(figures.firstPassword?.newAlwaysFrom).toBeLessThan(3_000);
    expect(figures.regenerated).toMatchObject({
      newAlwaysFrom: expect.any(Number),
      oldNeverFrom: expect.any(Number),
    });
    expect(figures.shortExpiry?.refusedFrom).toBeDefined();
    expect(figures.disabled?.refusedFrom).toBeDefined();
    expect(figures.accessToken?.validFor).toBe(6_000);
    expect(figures.accessToken?.refusedFrom).toBeGreaterThan(4_000);
    expect(await tokensLeft()).toEqual([]);
    for (const password of await service.control.issuedPasswords()) expect(output).not.toContain(password);
  }, 90_000);

  it('deletes what it made when it is stopped by a failure', async () => {
    await service.control.injectFault({
      part: 'resource-manager',
      effect: { kind: 'fail', status: 400 },
      match: 'POST .*/generateCredentials',
    });
    const { code, errors } = await measure(...quickly);
    await service.control.clearFaults();
    expect(code).toBe(1);
    expect(errors).toMatch(/^registry generatePassword: refused/);
    expect(await tokensLeft()).toEqual([]);
  }, 60_000);

  it('names an option that does not fit', async () => {
    const { code, errors } = await runOperation(service, 'measure', '--registry', 'contoso');
    expect([code, errors]).toEqual([
      2,
      '--registry takes the resource id of a registry: az acr show --name NAME --query id\n',
    ]);
  });
});

async function tokensLeft(): Promise<(string | undefined)[]> {
  const [, , subscriptionId = '', , resourceGroup = '', , , , registry = ''] = service
    .setting('REGISTRY_RESOURCE_ID')
    .split('/');
  const client = new ContainerRegistryManagementClient(await service.credential(), subscriptionId, {
    endpoint: service.setting('AZURE_RESOURCE_MANAGER_ENDPOINT'),
    credentials: { scopes: ['https://management.azure.com/.default'] },
  });
  const names: (string | undefined)[] = [];
  for await (const { name } of client.tokens.list(resourceGroup, registry)) names.push(name);
  for await (const { name } of client.scopeMaps.list(resourceGroup, registry))
    if (name?.startsWith('keyturn-measure')) names.push(name);
  return names;
}
