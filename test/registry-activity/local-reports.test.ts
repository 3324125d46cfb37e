import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { ServiceBusClient, type ServiceBusReceiver } from '@azure/service-bus';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ControlClient } from '../../infra/local/control/control-client.ts';
import { AcrControlPlane } from '../../src/adapters/acr-control-plane.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { isOwnReport } from '../../src/registry-activity/own-report.ts';
import { readRegistryReports } from '../../src/registry-activity/read-registry-reports.ts';
import type { RegistryReport } from '../../src/registry-activity/registry-report.ts';
import { type KeyturnCloud, startKeyturnCloud } from '../adapters/keyturn-cloud.ts';

const pullMap = '_repositories_pull';
const identity = {
  clientId: '0a0a0a0a-0000-4000-8000-000000000002',
  objectId: '0b0b0b0b-0000-4000-8000-000000000002',
};
const place = ['registries', 'contoso'] as const;

let cloud: KeyturnCloud;
let control: ControlClient;
let bus: ServiceBusClient;
let receiver: ServiceBusReceiver;
let registryId: string;
let settingsAtStart: Record<string, unknown>;
let tokens = 0;
let token: string;
/** Keyturn’s own hands. */
let keyturn: AcrControlPlane;

beforeAll(async () => {
  cloud = await startKeyturnCloud(undefined, 'resource-manager', (config) => ({
    ...config,
    registry: { ...config.registry, settings: { pollsUntilDone: 0 } },
  }));
  const { environment, controlUrl } = cloud.cloud;
  registryId = environment.REGISTRY_RESOURCE_ID ?? '';
  control = new ControlClient(controlUrl);
  settingsAtStart = await control.eventGridSettings();
  bus = new ServiceBusClient(environment.SERVICE_BUS_EMULATOR_CONNECTION_STRING ?? '');
  receiver = bus.createReceiver('registry-activity', {
    receiveMode: 'receiveAndDelete',
    skipParsingBodyAsJson: true,
  });
  const endpoint = environment.AZURE_RESOURCE_MANAGER_ENDPOINT ?? '';
  keyturn = new AcrControlPlane({
    resourceId: registryId,
    credential: cloud.credential(),
    resourceManager: { endpoint, scope: 'https://management.azure.com/.default' },
    clock: systemClock,
  });
}, 120_000);
afterAll(async () => {
  await bus.close();
  await cloud.close();
});
/** Back to how it is at the start, and a token that no test had before. */
beforeEach(async () => {
  await control.changeEventGridSettings(settingsAtStart);
  tokens += 1;
  token = `team-token-${tokens}`;
});

/** The official client of somebody else. */
function clientOf(name: string): ContainerRegistryManagementClient {
  const [, , subscriptionId = ''] = registryId.split('/');
  return new ContainerRegistryManagementClient(cloud.credential(name), subscriptionId, {
    endpoint: cloud.cloud.environment.AZURE_RESOURCE_MANAGER_ENDPOINT ?? '',
    credentials: { scopes: ['https://management.azure.com/.default'] },
  });
}

/** What is read of the queue until there are so many reports. */
async function takeReports(count: number): Promise<RegistryReport[]> {
  const reports: RegistryReport[] = [];
  for (const deadline = Date.now() + 30_000; reports.length < count; ) {
    if (Date.now() > deadline) throw new Error(`Only ${reports.length} of ${count} reports came`);
    for (const { body } of await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 })) {
      const read = readRegistryReports(body as Buffer);
      if (!read.ok || read.rejections.length > 0 || read.ignored > 0)
        throw new Error(`Not read: ${JSON.stringify(read)}`);
      reports.push(...read.reports);
    }
  }
  return reports;
}

function inOrder(reports: readonly RegistryReport[]): RegistryReport[] {
  return reports.toSorted((one, other) => one.at.localeCompare(other.at));
}

function summary(report: RegistryReport): string {
  const name = 'token' in report ? report.token : 'scopeMap' in report ? report.scopeMap : undefined;
  return name === undefined ? report.kind : `${report.kind} ${name}`;
}

/** Keyturn makes a token, and what is reported of it is taken away. */
async function createToken(): Promise<void> {
  await keyturn.createToken(token, pullMap);
  await takeReports(1);
}

const forms = [
  { schema: 'event-grid', body: 'object' },
  { schema: 'event-grid', body: 'array' },
  { schema: 'cloud-events', body: 'object' },
  { schema: 'cloud-events', body: 'array' },
];

describe('of what the local cloud reports', () => {
  it.each(forms)('in the form %j the reader learns who did what, when, to which token', async (form) => {
    await createToken();
    await control.changeEventGridSettings(form);
    const before = (await control.now()).toISOString();
    await clientOf('administrator').tokens.update(...place, token, { status: 'disabled' });
    const [report] = await takeReports(1);
    expect(report).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      kind: 'tokenWritten',
      registryId: registryId.toLowerCase(),
      token,
      at: expect.any(String),
      actor: {
        kind: 'user',
        name: 'ada.bauer@contoso.example',
        objectId: '0b0b0b0b-0000-4000-8000-000000000004',
        appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
        address: '127.0.0.1',
      },
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      clientRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(report && report.at >= before).toBe(true);
    expect(report && isOwnReport(report, identity)).toBe(false);
  });

  it('each operation is read, whoever the application is', async () => {
    const { scopeMaps, registries, ...client } = clientOf('operator');
    const { id = '' } = await scopeMaps.create(...place, 'first-map', { actions: [] });
    await client.tokens.create(...place, token, { scopeMapId: id });
    await registries.generateCredentials(...place, { tokenId: `${registryId}/tokens/${token}` });
    await client.tokens.delete(...place, token);
    await scopeMaps.delete(...place, 'first-map');
    await registries.update(...place, { adminUserEnabled: true });
    await registries.listCredentials(...place);
    await registries.regenerateCredential(...place, { name: 'password2' });
    await registries.delete(...place);
    await registries.create(...place, { location: 'westeurope', sku: { name: 'Premium' } });
    const reports = inOrder(await takeReports(10));
    expect(reports.map(summary)).toEqual([
      'scopeMapWritten first-map',
      `tokenWritten ${token}`,
      'credentialsGenerated',
      `tokenDeleted ${token}`,
      'scopeMapDeleted first-map',
      'registryWritten',
      'adminCredentialsListed',
      'adminCredentialsRegenerated',
      'registryDeleted',
      'registryWritten',
    ]);
    for (const { actor } of reports)
      expect(actor).toMatchObject({ kind: 'application', objectId: '0b0b0b0b-0000-4000-8000-000000000001' });
  });

  it('what Keyturn did is its own, also what it created, but not with the request id of another', async () => {
    await keyturn.createToken(token, pullMap);
    await keyturn.setTokenStatus(token, false);
    await keyturn.deleteToken(token);
    const echoed = inOrder(await takeReports(3)).map((report) => isOwnReport(report, identity));
    expect(echoed).toEqual([true, true, true]);
    await control.changeEventGridSettings({ httpRequestOnCreates: true });
    await keyturn.createToken(token, pullMap);
    await control.changeEventGridSettings({ clientRequestId: 'replaced' });
    await keyturn.setTokenStatus(token, false);
    const others = inOrder(await takeReports(2)).map((report) => isOwnReport(report, identity));
    expect(others).toEqual([true, false]);
  });

  it('what comes twice has the same id, and nothing is told while Event Grid is off', async () => {
    await createToken();
    await control.changeEventGridSettings({ enabled: false });
    await keyturn.setTokenStatus(token, false);
    await control.changeEventGridSettings({ enabled: true, duplicates: 1 });
    await clientOf('operator').tokens.delete(...place, token);
    const [first, second] = await takeReports(2);
    expect(first?.kind).toBe('tokenDeleted');
    expect(second).toEqual(first);
    await control.advance('PT1M');
    expect(await control.heldMessages()).toEqual([]);
  });

  it('settings that do not fit are refused by the control API, which shows those that hold', async () => {
    await expect(control.changeEventGridSettings({ duplicates: 7 })).rejects.toThrow(/400.*duplicates/s);
    expect(await control.eventGridSettings()).toMatchObject({ enabled: true, duplicates: 0 });
  });
});
