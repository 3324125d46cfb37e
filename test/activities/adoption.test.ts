import { describe, expect, it } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.ts';
import type { WorkPlan } from '../../src/lifecycle/plan.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { type RegistryDeviation, raiseFinding, tellUntold } from '../../src/watch/raise-finding.ts';
import { command, identity, minute, start } from '../lifecycle/build.ts';
import { publicationsOf, publishedLogsIn, secretName, token } from './issue-setting.ts';
import { runUntilItWaits, send } from './lifecycle-by-hand.ts';
import { MemoryCloud } from './memory/memory-cloud.ts';

const theirMap = 'made-by-others';
const adoption = command('keyturn.token.adoption-requested', 0, { owner: 'team-web', slot: 'password2' });

/** A token that others made, with a password in each slot. */
function madeByOthers(policy: Readonly<Record<string, unknown>> = {}): MemoryCloud {
  const cloud = new MemoryCloud({
    policy: { manages: [{ entrance: 'unmanaged' }], scopeMaps: [theirMap], ...policy },
  });
  grant(cloud, 'repositories/team/web/content/read');
  cloud.registry.tokens.set(token, { enabled: true, scopeMap: theirMap, passwords: new Map() });
  cloud.registry.regenerate(token, 'password1');
  cloud.registry.regenerate(token, 'password2');
  return cloud;
}

function grant({ registry }: MemoryCloud, ...actions: readonly string[]): void {
  registry.scopeMaps.set(theirMap, { name: theirMap, description: '', actions, system: false });
}

/** Plans, and publishes a password; then the process dies before that is settled. */
async function dieHalfWay(cloud: MemoryCloud): Promise<void> {
  const activities = createActivities(cloud.ports());
  const now = cloud.clock.instant();
  const plan = (await activities.plan({ registry: 'contoso', token, now })) as WorkPlan;
  const [step] = plan.steps;
  if (!step) throw new Error('Nothing is planned.');
  const { number, plannedAt } = plan;
  const result = await activities.step({ registry: 'contoso', token, plan: number, plannedAt, step });
  expect(result).toMatchObject({ ok: true, slot: 'password2' });
  expect(publicationsOf(cloud, 1)).toBe(1);
}

const outcomeOf = async ({ records }: MemoryCloud, { key } = adoption) =>
  (await records.readCommand(identity, key))?.outcome;

/** It was noticed that nobody manages the token. */
async function noticed(cloud: MemoryCloud): Promise<void> {
  const ports = cloud.ports();
  const deviation: RegistryDeviation = {
    finding: 'unmanagedToken',
    token,
    severity: 'warning',
    differences: [{ what: 'scopeMap', found: theirMap }],
    attribution: { cause: 'unknown', evidence: [] },
    noticedBy: 'report',
  };
  await raiseFinding({ name: 'contoso', loginServer: identity.loginServer }, deviation, start, ports);
}

const registryEvents = ({ events }: MemoryCloud) =>
  events.map(({ type }) => type).filter((type) => type.startsWith('keyturn.registry.'));

describe('an adoption', () => {
  it('ends the finding that nobody manages the token', async () => {
    const cloud = madeByOthers();
    await noticed(cloud);
    await send(cloud, adoption);
    await runUntilItWaits(cloud);
    expect(cloud.registryFindings.open()).toEqual([]);
    expect(registryEvents(cloud)).toEqual([
      'keyturn.registry.drift-detected',
      'keyturn.registry.drift-resolved',
    ]);
  });

  it('whose record was lost ends that finding once it is recovered', async () => {
    const cloud = madeByOthers();
    await send(cloud, adoption);
    await runUntilItWaits(cloud);
    cloud.records.partitions.clear();
    await noticed(cloud);
    expect(await runUntilItWaits(cloud)).toEqual(['recover']);
    expect(cloud.registryFindings.open()).toEqual([]);
  });

  it('that is denied leaves the finding that nobody manages the token', async () => {
    const cloud = madeByOthers({ scopeMaps: [] });
    await noticed(cloud);
    await send(cloud, adoption);
    expect(await runUntilItWaits(cloud)).toEqual(['deny']);
    expect(cloud.registryFindings.open()).toEqual([`unmanagedToken ${token}`]);
  });

  it('goes on where the end of that finding cannot be told, which is told later', async () => {
    const cloud = madeByOthers();
    await noticed(cloud);
    await send(cloud, adoption);
    const topicDown = async (call: string) => {
      if (call !== 'before events.publish') return;
      throw new ServiceFailure({ service: 'serviceBus', operation: 'publish', code: 'unavailable' });
    };
    expect(await runUntilItWaits(cloud, 1, topicDown)).toEqual(['adopt']);
    expect(registryEvents(cloud)).toEqual(['keyturn.registry.drift-detected']);
    const what = 'serviceBus publish: unavailable';
    // The end of the finding and the adoption itself, and what is left of the latter before the lifecycle waits.
    expect(cloud.reports.map(({ activity, what: why }) => [activity, why])).toEqual([
      ['settle', what],
      ['settle', what],
      ['plan', what],
    ]);
    expect(await tellUntold('contoso', cloud.ports())).toBe(1);
    expect(registryEvents(cloud).at(-1)).toBe('keyturn.registry.drift-resolved');
  });

  it('fills the last place that the quota has, although it is judged again on the way', async () => {
    const cloud = madeByOthers({ quotas: { tokens: 1 } });
    await send(cloud, adoption);
    await cloud.inventory.markPending('contoso', token, start, 'token-requests');
    await dieHalfWay(cloud);
    cloud.clock.time += 10 * minute;
    expect(await runUntilItWaits(cloud)).toEqual(['adopt']);
    expect(await outcomeOf(cloud)).toMatchObject({ status: 'done' });
    expect(publicationsOf(cloud, 1)).toBe(1);
  });

  it('is denied where the quota is used up, and leaves both passwords as they are', async () => {
    const cloud = madeByOthers({ quotas: { tokens: 1 } });
    const other = { registry: 'contoso', token: 'team-other', status: 'active', plan: 1 } as const;
    await cloud.inventory.writeRow({ ...other, entrance: 'token-requests' }, undefined);
    await send(cloud, adoption);
    expect(await runUntilItWaits(cloud)).toEqual(['deny']);
    expect(await outcomeOf(cloud)).toMatchObject({ status: 'denied', code: 'tokenQuotaReached' });
    expect(cloud.registry.everIssued.filter((value) => cloud.registry.logsIn(token, value))).toHaveLength(2);
  });

  it('that is no longer allowed half way takes its secret away, and nothing that it did not make', async () => {
    const cloud = madeByOthers();
    await send(cloud, adoption);
    await dieHalfWay(cloud);
    grant(cloud, 'repositories/team/web/content/read', 'repositories/finance/content/write');
    cloud.clock.time += 10 * minute;
    expect(await runUntilItWaits(cloud)).toEqual(['abandon']);
    expect(await outcomeOf(cloud)).toMatchObject({ status: 'denied', code: 'actionNotAllowed' });
    expect(await cloud.registry.readToken(token)).toMatchObject({ enabled: true, scopeMap: theirMap });
    expect(cloud.registry.scopeMaps.has(theirMap)).toBe(true);
    expect(cloud.registry.logsIn(token, cloud.registry.everIssued[0] ?? '')).toBe(true);
    expect(cloud.registry.writes).toEqual(['generatePassword password2']);
    expect(cloud.vault.newest(secretName)).toBeUndefined();
    const row = await cloud.inventory.readRow('contoso', token);
    expect(row?.row).toMatchObject({ status: 'none' });
    expect(row?.row).not.toHaveProperty('entrance');
  });

  it('that was given up can be asked for again', async () => {
    const cloud = madeByOthers();
    await send(cloud, adoption);
    await dieHalfWay(cloud);
    grant(cloud, 'repositories/finance/content/write');
    cloud.clock.time += 10 * minute;
    await runUntilItWaits(cloud);
    grant(cloud, 'repositories/team/web/content/read');
    const data = { owner: 'team-web', slot: 'password1' } as const;
    const again = command('keyturn.token.adoption-requested', 20 * minute, data);
    cloud.clock.time += 10 * minute;
    await send(cloud, again);
    expect(await runUntilItWaits(cloud)).toEqual(['adopt']);
    expect(await outcomeOf(cloud, again)).toMatchObject({ status: 'done' });
    expect(publishedLogsIn(cloud)).toBe(true);
    expect(cloud.vault.newest(secretName)?.tags).toMatchObject({ incarnation: '2', slot: 'password1' });
  });

  it('of a token with a map of its name leaves that map to others, also after the record was lost', async () => {
    const cloud = madeByOthers();
    const map = `${token}-scope-map`;
    const actions = ['repositories/team/web/content/read'];
    cloud.registry.scopeMaps.set(map, { name: map, description: 'By the Azure CLI', actions, system: false });
    await cloud.registry.bindScopeMap(token, map);
    await send(cloud, adoption);
    expect(await runUntilItWaits(cloud)).toEqual(['adopt']);
    cloud.records.partitions.clear();
    expect(await runUntilItWaits(cloud)).toEqual(['recover']);
    const { state } = (await cloud.records.readState(identity)) ?? {};
    expect(state).toMatchObject({ status: 'active', managed: { access: { scopeMap: map, own: false } } });
    cloud.clock.time += minute;
    await send(cloud, command('keyturn.token.deletion-requested', minute, { reason: 'Over' }));
    expect(await runUntilItWaits(cloud)).toEqual(['delete']);
    expect(cloud.registry.scopeMaps.has(map)).toBe(true);
  });

  it('finds a secret of a lost record wherever it is, and does not write over the published password', async () => {
    const cloud = madeByOthers({ secretNames: ['team-*'] });
    const delivery = { format: 'password', secretName: 'team-own' } as const;
    const data = { owner: 'team-web', slot: 'password2', delivery } as const;
    await send(cloud, command('keyturn.token.adoption-requested', 0, data));
    expect(await runUntilItWaits(cloud)).toEqual(['adopt']);
    const published = cloud.vault.newest('team-own')?.value ?? '';
    cloud.records.partitions.clear();
    const again = command('keyturn.token.adoption-requested', minute, {
      owner: 'team-web',
      slot: 'password2',
    });
    cloud.clock.time += minute;
    await send(cloud, again);
    expect(await runUntilItWaits(cloud)).toEqual(['recover', 'deny']);
    expect(await outcomeOf(cloud, again)).toMatchObject({ status: 'denied', code: 'alreadyManaged' });
    expect(cloud.registry.logsIn(token, published)).toBe(true);
  });
});
