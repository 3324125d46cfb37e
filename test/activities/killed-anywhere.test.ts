import { describe, expect, it } from 'vitest';
import { command, day, minute } from '../lifecycle/build.ts';
import { gatesOf, Interruptible } from './interleaving.ts';
import { publicationsOf, publishedLogsIn, token } from './issue-setting.ts';
import { runUntilItWaits, send } from './lifecycle-by-hand.ts';
import { MemoryCloud } from './memory/memory-cloud.ts';

const request = command('keyturn.token.requested', 0, {
  owner: 'team-web',
  access: { repositories: { 'team/web': ['content/read'] } },
});
const revocation = command('keyturn.token.revocation-requested', minute, { reason: 'Stolen' });

async function asked(): Promise<MemoryCloud> {
  const cloud = new MemoryCloud();
  await send(cloud, request);
  return cloud;
}

async function settled(): Promise<MemoryCloud> {
  const cloud = await asked();
  await runUntilItWaits(cloud);
  return cloud;
}

interface Life {
  readonly make: () => Promise<MemoryCloud>;
  /** The event that must be told, by one id however often it is sent. */
  readonly tells: string;
  readonly ends: (cloud: MemoryCloud) => void;
}

const lives: Record<string, Life> = {
  provisioning: {
    make: asked,
    tells: 'keyturn.token.provisioned',
    ends: (cloud) => {
      expect(publishedLogsIn(cloud)).toBe(true);
      expect(publicationsOf(cloud, 1)).toBe(1);
    },
  },
  rotating: {
    make: async () => {
      const cloud = await settled();
      cloud.clock.time += 60 * day;
      return cloud;
    },
    tells: 'keyturn.token.rotated',
    ends: (cloud) => {
      expect(publishedLogsIn(cloud)).toBe(true);
      expect(publicationsOf(cloud, 2)).toBe(1);
      expect(publicationsOf(cloud, 3)).toBe(0);
    },
  },
  revoking: {
    make: async () => {
      const cloud = await settled();
      cloud.clock.time += minute;
      await send(cloud, revocation);
      return cloud;
    },
    tells: 'keyturn.token.revoked',
    ends: ({ registry }) => {
      expect(registry.tokens.get(token)?.enabled).toBe(false);
      expect(registry.everIssued.some((value) => registry.logsIn(token, value))).toBe(false);
    },
  },
};

describe.each(Object.entries(lives))('%s', (_name, { make, tells, ends }) => {
  it('ends right and is told once after the process was killed at any call of a port', async () => {
    const gates = await gatesOf(async (gate) => runUntilItWaits(await make(), 1, gate));
    expect(gates).toBeGreaterThan(40);
    for (let at = 0; at < gates; at += 1) {
      const cloud = await make();
      const killed = new Interruptible(at, (gate) => runUntilItWaits(cloud, 1, gate));
      expect(await killed.stoppedOrDone).toBe('stopped');
      cloud.clock.time += 10 * minute;
      await runUntilItWaits(cloud);
      ends(cloud);
      const told = cloud.events.filter(({ type }) => type === tells);
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
      const row = await cloud.inventory.readRow('contoso', token);
      expect(row?.row.pendingSince).toBeUndefined();
    }
  });
});
