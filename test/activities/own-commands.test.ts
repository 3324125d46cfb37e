import { describe, expect, it } from 'vitest';
import { type CommandType, commandSchema } from '../../src/contracts/commands.ts';
import { internalEntrance } from '../../src/contracts/internal-commands.ts';
import type { PendingCommand } from '../../src/lifecycle/command-order.ts';
import { command, day, hour, identity, second, start } from '../lifecycle/build.ts';
import { token } from './issue-setting.ts';
import { runUntilItWaits, send } from './lifecycle-by-hand.ts';
import { MemoryCloud } from './memory/memory-cloud.ts';

const nightly = [{ from: '20:00', to: '00:00', timeZone: 'UTC' }];

async function provisioned(policy: Readonly<Record<string, unknown>> = {}): Promise<MemoryCloud> {
  const cloud = new MemoryCloud({ policy });
  await send(
    cloud,
    command('keyturn.token.requested', 0, {
      owner: 'team-web',
      access,
    }),
  );
  await runUntilItWaits(cloud);
  return cloud;
}

const access = { repositories: { 'team/web': ['content/read' as const] } };
const reason = 'Because';

/** An example of every command that Keyturn may not ask of itself. */
const others: Readonly<Record<Exclude<CommandType, 'keyturn.token.rotation-requested'>, object>> = {
  'keyturn.token.requested': { owner: 'team-web', access },
  'keyturn.token.adoption-requested': { owner: 'team-web', slot: 'password1' },
  'keyturn.token.access-changed': { access: { scopeMap: 'shared-read' } },
  'keyturn.token.disable-requested': { reason },
  'keyturn.token.enable-requested': { reason },
  'keyturn.token.deletion-requested': { reason },
  'keyturn.token.revocation-requested': { reason },
  'keyturn.token.reinstatement-requested': { reason },
};

function posted(type: string, data: object): PendingCommand {
  const pending = command(
    'keyturn.token.rotation-requested',
    day,
    { compromised: false },
    { entrance: internalEntrance },
  );
  const { registry } = identity;
  return {
    ...pending,
    command: commandSchema.parse({ ...pending.command, type, data: { registry, token, ...data } }),
  };
}

describe('by the entrance that Keyturn keeps for itself', () => {
  it('comes a rotation, which no policy has to allow', async () => {
    const cloud = await provisioned({ commands: ['keyturn.token.requested'] });
    cloud.clock.time += day;
    const rotation = posted('keyturn.token.rotation-requested', {});
    await send(cloud, rotation);
    expect(await runUntilItWaits(cloud)).toEqual(['rotate']);
    expect(await cloud.records.readCommand(identity, rotation.key)).toMatchObject({
      outcome: { status: 'done' },
    });
    expect(cloud.events.at(-1)).toMatchObject({
      type: 'keyturn.token.rotated',
      data: { cause: 'request', entrance: 'token-requests', command: { entrance: internalEntrance } },
    });
  });

  it.each([...Object.entries(others), ['keyturn.token.rotation-requested', { compromised: true }] as const])(
    'comes nothing else: %s is denied',
    async (type, data) => {
      const cloud = await provisioned();
      const command = posted(type, data);
      await send(cloud, command);
      expect(await runUntilItWaits(cloud)).toEqual(['deny']);
      expect(await cloud.records.readCommand(identity, command.key)).toMatchObject({
        outcome: { status: 'denied', code: 'commandNotAllowed', detail: type },
      });
    },
  );
});

describe('a policy with rotation windows', () => {
  it('puts off what a schedule asks for until the next one, and lists say when a token is to rotate', async () => {
    const cloud = await provisioned({ rotationWindows: nightly });
    const nextRotation = (await cloud.inventory.readRow('contoso', token))?.row.nextRotation ?? '';
    expect(nextRotation.slice(11, 13)).toMatch(/^2[0-2]$/);
    cloud.clock.time += 20 * day;
    const rotation = posted('keyturn.token.rotation-requested', {});
    await send(cloud, rotation);
    expect(await runUntilItWaits(cloud)).toEqual(['deferRotation']);
    const { until } = (await cloud.records.readCommand(identity, rotation.key))?.outcome ?? {};
    expect(until?.slice(0, 13)).toMatch(/^2026-03-21T2[0-2]$/);
    expect((await cloud.inventory.readRow('contoso', token))?.row.lookAt).toBe(until);
    cloud.clock.time = Date.parse(until ?? '') - second;
    expect(await runUntilItWaits(cloud)).toEqual([]);
    cloud.clock.time += second;
    expect(await runUntilItWaits(cloud)).toEqual(['rotate']);
  });

  it('lets a message rotate at any time', async () => {
    const cloud = await provisioned({ rotationWindows: nightly });
    cloud.clock.time = Date.parse(start) + hour;
    await send(cloud, command('keyturn.token.rotation-requested', hour, { compromised: false }));
    expect(await runUntilItWaits(cloud)).toEqual(['rotate']);
  });
});
