import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCloud, startCloud } from '../../../infra/local/cloud.ts';
import { readCloudConfig } from '../../../infra/local/cloud-config.ts';
import { NotAsTold } from '../../../infra/local/demo/not-as-told.ts';
import type { TokenEvent } from '../../../infra/local/demo/token-event.ts';
import { TokenEvents } from '../../../infra/local/demo/token-events.ts';
import { tokenEvent } from './token-event-builder.ts';

let folder: string;
let cloud: RunningCloud;
let connectionString: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-events-'));
  const config = await readCloudConfig('infra/local/cloud.config.json');
  cloud = await startCloud({ config, dataFolder: folder, only: 'service-bus', port: 0 });
  connectionString = cloud.environment.SERVICE_BUS_EMULATOR_CONNECTION_STRING ?? '';
});
afterAll(async () => {
  await cloud.close();
  await rm(folder, { recursive: true, force: true });
});

function unexpected(error: Error): void {
  throw error;
}

async function send(event: TokenEvent): Promise<void> {
  const client = new ServiceBusClient(connectionString);
  await client.createSender('token-events').sendMessages({ messageId: event.id, body: event });
  await client.close();
}

describe("the demo's view of the events", () => {
  it('is what the topic delivers, to those who wait and to those who ask later', async () => {
    const events = new TokenEvents(connectionString, unexpected);
    const waiting = events.first('provisioned', 'team-web');
    await send(tokenEvent('provisioned', 'team-api'));
    await send(tokenEvent('provisioned', 'team-web'));
    expect(await waiting).toMatchObject({ data: { token: 'team-web' } });
    expect(await events.first('provisioned', 'team-api')).toMatchObject({ data: { token: 'team-api' } });
    await events.close();
  });

  it('says what did not come within the time limit', async () => {
    const events = new TokenEvents(connectionString, unexpected, 50);
    await expect(events.first('rotated', 'team-web')).rejects.toThrow(
      new NotAsTold('Within 0.05 s there was not the event "rotated" of team-web'),
    );
    await events.close();
  });
});
