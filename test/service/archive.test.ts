import { ServiceBusClient } from '@azure/service-bus';
import { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyturnClientId } from '../../infra/local/keyturn/app-settings.ts';
import { command } from './messages.ts';
import { RunningService } from './running-service.ts';

let service: RunningService;
let bus: ServiceBusClient;
let container: ContainerClient;

beforeAll(async () => {
  service = await RunningService.startCloud();
  const blobService = service.setting('STORAGE_BLOB_ENDPOINT');
  container = new ContainerClient(`${blobService}/token-events`, await service.credential());
  await container.create();
  await service.startHost({
    settings: { Archive__blobServiceUri: blobService, Archive__clientId: keyturnClientId },
  });
  bus = new ServiceBusClient(service.setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING'));
});
afterAll(async () => {
  await bus.close();
  await service.close();
});

it('keeps every event once, under its day and id, through failures of the archive', async () => {
  await service.control.injectFault({
    part: 'storage',
    effect: { kind: 'fail', status: 503 },
    match: 'PUT .*/token-events/',
    times: 5,
  });
  await service.control.injectFault({
    part: 'storage',
    effect: { kind: 'drop', when: 'after' },
    match: 'PUT .*/token-events/',
    times: 1,
  });
  const tokens = ['team-one', 'team-two', 'team-three'];
  await bus.createSender('token-requests').sendMessages(
    tokens.map((token) => ({
      body: command('keyturn.token.requested', token, {
        owner: token,
        access: { repositories: { 'teams/web': ['content/read'] } },
      }),
    })),
  );
  const receiver = bus.createReceiver('token-events', 'token-requests', { receiveMode: 'receiveAndDelete' });
  const sent = new Map<string, unknown>();
  for await (const { body } of receiver.getMessageIterator()) {
    sent.set(body.id, body);
    if (sent.size === tokens.length) break;
  }
  await expect.poll(archivedNames, { timeout: 60_000, interval: 200 }).toHaveLength(tokens.length);
  for (const name of await archivedNames()) {
    const event = JSON.parse(String(await container.getBlobClient(name).downloadToBuffer()));
    expect(event).toEqual(sent.get(event.id));
    expect(name).toBe(`${event.time.slice(0, 10).replaceAll('-', '/')}/${event.id}.json`);
  }
}, 120_000);

async function archivedNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  return names;
}
