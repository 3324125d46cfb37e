import { describe, expect, it } from 'vitest';
import { command, day, minute } from '../lifecycle/build.ts';
import { gatesOf, Interruptible } from './interleaving.ts';
import { publicationsOf, publishedLogsIn, secretName, token } from './issue-setting.ts';
import { runUntilItWaits, send } from './lifecycle-by-hand.ts';
import { MemoryCloud } from './memory/memory-cloud.ts';

const request = command('keyturn.token.requested', 0, {
  owner: 'team-web',
  access: { repositories: { 'team/web': ['content/read'] } },
});
const adoption = command('keyturn.token.adoption-requested', 0, { owner: 'team-web', slot: 'password2' });
const revocation = command('keyturn.token.revocation-requested', minute, { reason: 'Stolen' });

async function asked(): Promise<MemoryCloud> {
  const cloud = new MemoryCloud();
  await send(cloud, request);
  return cloud;
}

const theirMap = 'made-by-others';

/** A token that others made, with a password in each slot, which is to be adopted. */
async function toAdopt(): Promise<MemoryCloud> {
  const policy = { manages: [{ entrance: 'unmanaged' }], scopeMaps: [theirMap] };
  const cloud = new MemoryCloud({ policy });
  const { registry } = cloud;
  const actions = ['repositories/team/web/content/read'];
  registry.scopeMaps.set(theirMap, { name: theirMap, description: '', actions, system: false });
  registry.tokens.set(token, { enabled: true, scopeMap: theirMap, passwords: new Map() });
  registry.regenerate(token, 'password1');
  registry.regenerate(token, 'password2');
  await send(cloud, adoption);
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
  adopting: {
    make: toAdopt,
    tells: 'keyturn.token.adopted',
    ends: (cloud) => {
      const { registry, vault } = cloud;
      expect(publishedLogsIn(cloud)).toBe(true);
      expect(publicationsOf(cloud, 1)).toBe(1);
      expect(vault.newest(secretName)?.tags.slot).toBe('password2');
      expect(registry.logsIn(token, registry.everIssued[0] ?? '')).toBe(true);
      expect(registry.logsIn(token, registry.everIssued[1] ?? '')).toBe(false);
      expect(new Set(registry.writes)).toEqual(new Set(['generatePassword password2']));
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
