import { describe, expect, it } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.ts';
import { ServiceFailure, type ServiceName } from '../../src/ports/service-failure.ts';
import { command, day, identity, minute, second } from '../lifecycle/build.ts';
import { token } from './issue-setting.ts';
import { runUntilItWaits, send } from './lifecycle-by-hand.ts';
import { type Gate, MemoryCloud } from './memory/memory-cloud.ts';

const requested = command('keyturn.token.requested', 0, {
  owner: 'team-web',
  access: { repositories: { 'team/web': ['content/read'] } },
});
const rotation = command('keyturn.token.rotation-requested', minute, {
  reason: 'Seen in a log',
  compromised: false,
});
const revocation = command('keyturn.token.revocation-requested', 2 * minute, { reason: 'Stolen' });
const deletion = command('keyturn.token.deletion-requested', 3 * minute, { reason: 'Over' });

const failing =
  (at: string, service: ServiceName): Gate =>
  async (call) => {
    if (call !== at) return;
    throw new ServiceFailure({ service, operation: 'publish', code: 'unavailable' });
  };
const topicDown = failing('before events.publish', 'serviceBus');

const typesOf = ({ events }: MemoryCloud) => events.map(({ type }) => type.replace('keyturn.token.', ''));

/** Plans once; gives how many milliseconds ahead the plan that waits wakes. */
async function waitOf(cloud: MemoryCloud, gate?: Gate): Promise<number | undefined> {
  const now = cloud.clock.instant();
  const plan = await createActivities(cloud.ports(gate)).plan({ registry: 'contoso', token, now });
  if (plan.kind !== 'wait') throw new Error(`Planned to ${plan.work.kind}`);
  return plan.wakeAt === undefined ? undefined : Date.parse(plan.wakeAt) - cloud.clock.time;
}

describe('a topic that is down', () => {
  it('is reported, and what could not be sent is sent before the lifecycle waits for long', async () => {
    const cloud = new MemoryCloud();
    await send(cloud, requested);
    expect(await runUntilItWaits(cloud, 1, topicDown)).toEqual(['provision']);
    expect(cloud.events).toEqual([]);
    expect(cloud.reports).toEqual(
      ['settle', 'plan'].map((activity) => ({
        activity,
        registry: 'contoso',
        token,
        what: 'serviceBus publish: unavailable',
      })),
    );
    cloud.clock.time += 5 * second;
    expect(await runUntilItWaits(cloud)).toEqual([]);
    expect(typesOf(cloud)).toEqual(['provisioned']);
    expect(await cloud.records.readOutbox(identity)).toEqual([]);
    const row = await cloud.inventory.readRow('contoso', token);
    expect(row?.row.lookAt).toBe(row?.row.nextRotation);
  });

  it('holds up neither commands nor a revocation; their events follow in order, each once', async () => {
    const cloud = new MemoryCloud();
    for (const each of [requested, rotation, revocation]) {
      await send(cloud, each);
      await runUntilItWaits(cloud, 2, topicDown);
      cloud.clock.time += minute;
    }
    expect(cloud.registry.tokens.get(token)?.enabled).toBe(false);
    expect(cloud.events).toEqual([]);
    const kept = (await cloud.records.readOutbox(identity)).map(({ event }) => event);
    await runUntilItWaits(cloud, 2);
    expect(typesOf(cloud)).toEqual(['provisioned', 'rotated', 'revoked']);
    expect(cloud.events).toEqual(kept);
  });

  it('that takes one event and then goes down leaves the rest, and no event overtakes another', async () => {
    const cloud = new MemoryCloud();
    for (const each of [requested, rotation]) {
      await send(cloud, each);
      await runUntilItWaits(cloud, 1, topicDown);
    }
    let published = 0;
    await waitOf(cloud, async (call) => {
      if (call === 'before events.publish' && ++published === 2) await topicDown(call);
    });
    expect(typesOf(cloud)).toEqual(['provisioned']);
    expect((await cloud.records.readOutbox(identity)).map(({ event }) => event.type)).toEqual([
      'keyturn.token.rotated',
    ]);
    await waitOf(cloud);
    expect(typesOf(cloud)).toEqual(['provisioned', 'rotated']);
  });

  it('is tried again after 5 s, later and later up to 15 minutes, and the inventory promises that', async () => {
    const cloud = new MemoryCloud();
    await send(cloud, requested);
    await runUntilItWaits(cloud, 1, topicDown);
    const told = (await cloud.records.readOutbox(identity))[0]?.event.time ?? '';
    cloud.clock.time = Date.parse(told);
    const waits: (number | undefined)[] = [];
    for (let tries = 0; tries < 10; tries += 1) {
      const wait = await waitOf(cloud, topicDown);
      waits.push(wait);
      const promised = cloud.clock.time + (wait ?? 0);
      const row = await cloud.inventory.readRow('contoso', token);
      expect(Date.parse(row?.row.lookAt ?? '')).toBe(promised);
      cloud.clock.time = promised;
    }
    const seconds = [5, 5, 10, 20, 40, 80, 160, 320, 640, 900];
    expect(waits).toEqual(seconds.map((each) => each * second));
  });

  it('does not delay work that is due sooner', async () => {
    const cloud = new MemoryCloud();
    await send(cloud, requested);
    await runUntilItWaits(cloud, 1, topicDown);
    cloud.clock.time += 60 * day;
    expect(await runUntilItWaits(cloud, 1, topicDown)).toEqual(['rotate']);
  });

  it('wakes also a lifecycle that has nothing else to wait for', async () => {
    const cloud = new MemoryCloud();
    for (const each of [requested, deletion]) {
      await send(cloud, each);
      await runUntilItWaits(cloud, 1, topicDown);
    }
    expect(await waitOf(cloud, topicDown)).toBe(5 * second);
    expect(await waitOf(cloud)).toBeUndefined();
    expect(typesOf(cloud)).toEqual(['provisioned', 'deleted']);
  });
});

it('a record that cannot be read makes settling fail, so that it is repeated', async () => {
  const cloud = new MemoryCloud();
  await send(cloud, requested);
  const gate = failing('before records.readRecord', 'records');
  await expect(runUntilItWaits(cloud, 1, gate)).rejects.toThrow('records publish: unavailable');
  await runUntilItWaits(cloud);
  expect(typesOf(cloud)).toEqual(['provisioned']);
});

it('a token with nothing to tell costs two look-ups for a plan, and no write', async () => {
  const cloud = new MemoryCloud();
  await send(cloud, requested);
  await runUntilItWaits(cloud);
  const calls: string[] = [];
  await waitOf(cloud, async (call) => {
    if (call.startsWith('before ')) calls.push(call.slice('before '.length));
  });
  expect(calls).toEqual(['inventory.readRow', 'records.readRecord']);
});
