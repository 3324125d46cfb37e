import { describe, expect, it } from 'vitest';
import type { Drift } from '../../src/contracts/event-data.ts';
import type { TokenFinding } from '../../src/contracts/findings.ts';
import type { ReportedChange } from '../../src/lifecycle/drift/observation.ts';
import { command, day, hour, identity, minute } from '../lifecycle/build.ts';
import { gatesOf, Interruptible } from './interleaving.ts';
import { publishedLogsIn, token } from './issue-setting.ts';
import { runUntilItWaits, send } from './lifecycle-by-hand.ts';
import { MemoryCloud } from './memory/memory-cloud.ts';

const request = command('keyturn.token.requested', 0, {
  owner: 'team-web',
  access: { repositories: { 'team/web': ['content/read'] } },
});
const secretName = 'acr-contoso--team-web';

async function provisioned(healing: Readonly<Record<string, string>> = {}): Promise<MemoryCloud> {
  const cloud = new MemoryCloud({ policy: { healing } });
  await send(cloud, request);
  await runUntilItWaits(cloud);
  cloud.clock.time += hour;
  cloud.events.length = 0;
  return cloud;
}

const pipeline = { kind: 'application', name: 'pipeline' } as const;

async function observe(
  { records, clock }: MemoryCloud,
  ...operations: (string | Partial<ReportedChange>)[]
): Promise<void> {
  const at = clock.instant();
  const reports = operations.map(
    (each): ReportedChange => ({
      operation: 'tokenWritten',
      at,
      actor: pipeline,
      by: 'others',
      ...(typeof each === 'string' ? { operation: each } : each),
    }),
  );
  const noticedBy = reports.length > 0 ? 'report' : 'reconcile';
  await records.addObservation(identity, { noticedBy, at, reports });
}

function findingsIn({ findings }: MemoryCloud): Promise<string[]> {
  return findings
    .listFindings({ registry: 'contoso' }, { pageSize: 100 })
    .then(({ items }) => items.map(({ drift }) => drift.finding));
}

function told({ events }: MemoryCloud): string[] {
  return events.map(({ type, data }) => {
    const drift = 'drift' in data ? data.drift : undefined;
    const finding = drift?.finding ?? ('finding' in data ? data.finding : '');
    return `${type.replace('keyturn.', '')} ${finding} ${drift?.done ?? ''}`.trim();
  });
}

/** What somebody does to the token behind Keyturn's back. */
const deeds: Readonly<Record<TokenFinding, (cloud: MemoryCloud) => unknown>> = {
  disabledOutOfBand: ({ registry }) => registry.setTokenStatus(token, false),
  deletedOutOfBand: ({ registry }) => registry.deleteToken(token),
  reEnabledOutOfBand: async (cloud) => {
    await send(cloud, command('keyturn.token.disable-requested', hour, { reason: 'audit' }));
    await runUntilItWaits(cloud);
    cloud.events.length = 0;
    await cloud.registry.setTokenStatus(token, true);
  },
  scopeMapChanged: ({ registry }) => registry.bindScopeMap(token, '_repositories_pull'),
  scopeMapContentChanged: ({ registry }) =>
    registry.setScopeMapActions(`${token}-scope-map`, ['repositories/team/web/content/write']),
  passwordVanished: ({ registry }) => registry.tokens.get(token)?.passwords.clear(),
  publishedDead: ({ registry }) => registry.regenerate(token, 'password1'),
  unpublishedSlotRegenerated: ({ registry }) => registry.regenerate(token, 'password2'),
  secretMissing: ({ vault }) => vault.deleteSecret(secretName),
  secretDisabled: async ({ vault }) => vault.setVersionEnabled(secretName, 'version1', false),
  secretForeign: async ({ vault, clock }) =>
    vault.writeVersion(secretName, {
      value: 'theirs',
      contentType: 'text/plain',
      expiresAt: clock.instant(),
      tags: {},
    }),
  outOfPolicy: ({ registry }) =>
    registry.setScopeMapActions(`${token}-scope-map`, ['repositories/*/content/delete']),
};

const told1: Partial<Record<TokenFinding, string>> = {
  disabledOutOfBand: 'token.disabled',
  deletedOutOfBand: 'token.deleted',
};

describe('what happens behind our back', () => {
  it.each(Object.entries(deeds) as [TokenFinding, (cloud: MemoryCloud) => unknown][])(
    '(%s) is told once, listed while it lasts, and told when it is over',
    async (finding, deed) => {
      const cloud = await provisioned();
      const before = structuredClone(cloud.registry.tokens.get(token));
      const beforeMap = cloud.registry.scopeMaps.get(`${token}-scope-map`);
      await deed(cloud);
      for (let looks = 0; looks < 2; looks += 1) {
        await observe(cloud);
        await runUntilItWaits(cloud, 2);
      }
      const open = await findingsIn(cloud);
      expect(open).toContain(finding);
      expect(told(cloud)).toContain(`${told1[finding] ?? 'token.drift-detected'} ${finding} nothing`);
      expect(told(cloud)).toHaveLength(open.length);
      expect(new Set(cloud.events.map(({ id }) => id)).size).toBe(open.length);
      const row = await cloud.inventory.readRow('contoso', token);
      expect(row?.row.findings?.toSorted()).toEqual(open.toSorted());

      if (!before || !beforeMap || finding.startsWith('secret')) return;
      cloud.registry.tokens.set(token, { ...before, enabled: finding !== 'reEnabledOutOfBand' });
      cloud.registry.scopeMaps.set(beforeMap.name, beforeMap);
      cloud.events.length = 0;
      await observe(cloud);
      await runUntilItWaits(cloud);
      expect(await findingsIn(cloud)).toEqual([]);
      expect(told(cloud)).toEqual(expect.arrayContaining(open.map((each) => `token.drift-resolved ${each}`)));
    },
  );

  it('is looked at twice if more is heard while it is being looked at', async () => {
    const cloud = await provisioned();
    await observe(cloud);
    let interfered = false;
    await runUntilItWaits(cloud, 1, async (call) => {
      if (interfered || !call.includes('closePlan')) return;
      interfered = true;
      await cloud.registry.setTokenStatus(token, false);
      await observe(cloud, 'tokenWritten');
    });
    expect(interfered).toBe(true);
    expect(told(cloud)).toEqual(['token.disabled disabledOutOfBand nothing']);
  });
});

const modes: Partial<Record<TokenFinding, string>> = {
  disabledOutOfBand: 'restore',
  deletedOutOfBand: 'restore',
  scopeMapChanged: 'restore',
  scopeMapContentChanged: 'restore',
  passwordVanished: 'rotate',
  publishedDead: 'rotate',
  unpublishedSlotRegenerated: 'rotate',
  secretMissing: 'rotate',
  secretDisabled: 'restore',
};

describe('healing', () => {
  const healable = Object.entries(modes) as [TokenFinding, string][];

  it.each(healable)('of %s (%s) brings the token back, and is told', async (finding, mode) => {
    const cloud = await provisioned({ [finding]: mode });
    await deeds[finding](cloud);
    await observe(cloud, 'tokenWritten', 'tokenDeleted');
    const kinds = await runUntilItWaits(cloud, 2);
    expect(kinds).toEqual(['observe', 'heal']);
    expect(await findingsIn(cloud)).toEqual([]);
    expect(publishedLogsIn(cloud)).toBe(true);
    expect(told(cloud)).toContain(`token.drift-resolved ${finding}`);
    await observe(cloud);
    await runUntilItWaits(cloud);
    expect(await findingsIn(cloud)).toEqual([]);
  });

  it('of a revoked token that somebody enabled disables it again, without any policy', async () => {
    const cloud = await provisioned();
    await send(cloud, command('keyturn.token.revocation-requested', hour, { reason: 'stolen' }));
    await runUntilItWaits(cloud);
    cloud.events.length = 0;
    await cloud.registry.setTokenStatus(token, true);
    await observe(cloud, { operation: 'tokenWritten', actor: { kind: 'user', name: 'sam' } });
    await runUntilItWaits(cloud);
    expect(cloud.registry.tokens.get(token)?.enabled).toBe(false);
    expect(told(cloud)).toEqual([
      'token.drift-detected reEnabledOutOfBand nothing',
      'token.drift-detected reEnabledOutOfBand disabled',
      'token.drift-resolved reEnabledOutOfBand',
    ]);
  });

  it('leaves disabled what a person disabled', async () => {
    const cloud = await provisioned({ disabledOutOfBand: 'restore' });
    await cloud.registry.setTokenStatus(token, false);
    await observe(cloud, { actor: { kind: 'user', name: 'sam' } });
    await runUntilItWaits(cloud);
    expect(cloud.registry.tokens.get(token)?.enabled).toBe(false);
    expect(driftsIn(cloud)).toMatchObject([{ cause: 'person', code: 'actorIsPerson', done: 'nothing' }]);
  });

  it('is given up where a policy of Azure disables the token right after each try, and says so', async () => {
    const cloud = await provisioned({ disabledOutOfBand: 'restore' });
    cloud.registry.policy = 'disabled';
    await cloud.registry.setTokenStatus(token, false);
    await observe(cloud, 'tokenWritten');
    const kinds: string[] = [];
    for (let hours = 0; hours < 24; hours += 1) {
      kinds.push(...(await runUntilItWaits(cloud)));
      cloud.clock.time += hour;
    }
    expect(kinds.filter((kind) => kind === 'heal')).toHaveLength(3);
    expect(driftsIn(cloud).at(-1)).toMatchObject({
      done: 'parked',
      cause: 'azurePolicy',
      code: 'disabledByPolicy',
    });
  });

  it('is not done where too many tokens of the registry show the same, which is told of the registry', async () => {
    const cloud = await provisioned({ disabledOutOfBand: 'restore' });
    for (let others = 0; others < 11; others += 1) {
      const other = { ...identity, token: `team-${others}` };
      const drift = { ...driftOf('disabledOutOfBand'), since: cloud.clock.instant() };
      await cloud.findings.replaceOfToken(other, [{ ...other, severity: 'critical', drift }]);
    }
    await cloud.registry.setTokenStatus(token, false);
    await observe(cloud, 'tokenWritten');
    await runUntilItWaits(cloud, 2);
    expect(cloud.registry.tokens.get(token)?.enabled).toBe(false);
    expect(told(cloud)).toEqual([
      'token.disabled disabledOutOfBand nothing',
      'registry.drift-detected massDrift nothing',
      'token.drift-detected disabledOutOfBand nothing',
    ]);
    cloud.clock.time += 2 * hour;
    await runUntilItWaits(cloud);
    expect(cloud.registry.tokens.get(token)?.enabled).toBe(false);
    cloud.registryFindings.rows.clear();
    cloud.clock.time += 2 * hour;
    await runUntilItWaits(cloud);
    expect(cloud.registry.tokens.get(token)?.enabled).toBe(true);
  });

  it('ends right wherever the process was killed', async () => {
    const make = async () => {
      const cloud = await provisioned({ publishedDead: 'rotate' });
      await deeds.publishedDead(cloud);
      await observe(cloud, 'credentialsGenerated');
      return cloud;
    };
    const gates = await gatesOf(async (gate) => runUntilItWaits(await make(), 1, gate));
    expect(gates).toBeGreaterThan(60);
    for (let at = 0; at < gates; at += 1) {
      const cloud = await make();
      const killed = new Interruptible(at, (gate) => runUntilItWaits(cloud, 1, gate));
      expect(await killed.stoppedOrDone).toBe('stopped');
      cloud.clock.time += 10 * minute;
      await runUntilItWaits(cloud);
      expect(publishedLogsIn(cloud)).toBe(true);
      expect(await findingsIn(cloud)).toEqual([]);
      const resolved = cloud.events.filter(({ type }) => type === 'keyturn.token.drift-resolved');
      expect(new Set(resolved.map(({ id }) => id)).size).toBe(1);
    }
  });
});

describe("Keyturn's own work", () => {
  it.each(['rotate', 'disable', 'revoke'] as const)(
    'raises nothing, wherever it was killed (%s)',
    async (work) => {
      const make = async () => {
        const cloud = await provisioned();
        if (work === 'rotate') cloud.clock.time += 60 * day;
        else if (work === 'disable')
          await send(cloud, command('keyturn.token.disable-requested', hour, { reason: 'audit' }));
        else await send(cloud, command('keyturn.token.revocation-requested', hour, { reason: 'stolen' }));
        return cloud;
      };
      const gates = await gatesOf(async (gate) => runUntilItWaits(await make(), 1, gate));
      for (let at = 0; at < gates; at += 1) {
        const cloud = await make();
        const killed = new Interruptible(at, (gate) => runUntilItWaits(cloud, 1, gate));
        expect(await killed.stoppedOrDone).toBe('stopped');
        await observe(cloud, { by: 'keyturn' }, { operation: 'credentialsGenerated', by: 'keyturn' });
        cloud.clock.time += 10 * minute;
        await runUntilItWaits(cloud);
        await observe(cloud);
        await runUntilItWaits(cloud);
        expect(told(cloud).filter((each) => each.includes('drift'))).toEqual([]);
        expect(await findingsIn(cloud)).toEqual([]);
      }
    },
  );
});

function driftsIn({ events }: MemoryCloud): Drift[] {
  return events.flatMap(({ data }) => ('drift' in data && data.drift ? [data.drift] : []));
}

function driftOf(finding: TokenFinding): Drift {
  return {
    finding,
    since: '',
    differences: [],
    cause: 'unknown',
    evidence: [],
    noticedBy: 'report',
    done: 'nothing',
  };
}
