import { describe, expect, it } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.ts';
import { command, day, identity, minute, start } from '../lifecycle/build.ts';
import { publishedLogsIn, secretName, token } from './issue-setting.ts';
import { leaksIn } from './leaks.ts';
import { runUntilItWaits, send } from './lifecycle-by-hand.ts';
import { MemoryCloud } from './memory/memory-cloud.ts';

const requested = (sent = 0) =>
  command('keyturn.token.requested', sent, {
    owner: 'team-web',
    access: { repositories: { 'team/web': ['content/read'] } },
  });

async function provisioned(changes: ConstructorParameters<typeof MemoryCloud>[0] = {}): Promise<MemoryCloud> {
  const cloud = new MemoryCloud(changes);
  await send(cloud, requested());
  expect(await runUntilItWaits(cloud)).toEqual(['provision']);
  return cloud;
}

const typesOf = ({ events }: MemoryCloud) => events.map(({ type }) => type);

describe('the activities of a lifecycle', () => {
  it.each([1, 2, 3])('provision a token by one request, each called %i times', async (times) => {
    const cloud = new MemoryCloud();
    const request = requested();
    await send(cloud, request);
    await runUntilItWaits(cloud, times);
    expect(cloud.registry.writes).toEqual(['createScopeMap', 'createToken', 'generatePassword password1']);
    expect(cloud.vault.writes).toEqual(['writeVersion']);
    expect(typesOf(cloud)).toEqual(['keyturn.token.provisioned']);
    expect(publishedLogsIn(cloud)).toBe(true);
    expect(await cloud.records.readCommand(identity, request.key)).toMatchObject({
      outcome: { status: 'done' },
    });
    const row = await cloud.inventory.readRow('contoso', token);
    expect(row?.row).toMatchObject({ status: 'active', owner: 'team-web', slot: 'password1' });
    expect(row?.row.lookAt).toBe(row?.row.nextRotation);
    expect(row?.row).not.toHaveProperty('pendingSince');
  });

  it('rotate when it is due, and the previous password works on', async () => {
    const cloud = await provisioned();
    const previous = cloud.vault.newest(secretName)?.value ?? '';
    cloud.clock.time += 60 * day;
    expect(await runUntilItWaits(cloud, 2)).toEqual(['rotate']);
    expect(cloud.registry.writes.slice(-1)).toEqual(['generatePassword password2']);
    expect(cloud.vault.writes).toEqual(['writeVersion', 'writeVersion']);
    expect(publishedLogsIn(cloud)).toBe(true);
    expect(cloud.registry.logsIn(token, previous)).toBe(true);
  });

  it('disable, revoke and delete', async () => {
    const cloud = await provisioned();
    const commands = [
      command('keyturn.token.disable-requested', minute, { reason: 'Unused' }),
      command('keyturn.token.revocation-requested', 2 * minute, { reason: 'Stolen' }),
      command('keyturn.token.deletion-requested', 3 * minute, { reason: 'Over' }),
    ];
    for (const each of commands) {
      cloud.clock.time += minute;
      await send(cloud, each);
      await runUntilItWaits(cloud, 2);
    }
    expect(typesOf(cloud).slice(1)).toEqual([
      'keyturn.token.disabled',
      'keyturn.token.revoked',
      'keyturn.token.deleted',
    ]);
    expect(cloud.registry.tokens.size).toBe(0);
    expect(cloud.registry.scopeMaps.size).toBe(0);
    expect(cloud.vault.secrets.get(secretName)?.deleted).toBe(true);
  });

  it('recover the secret of a token that is requested again after it was deleted', async () => {
    const cloud = await provisioned();
    cloud.clock.time += minute;
    await send(cloud, command('keyturn.token.deletion-requested', minute, { reason: 'Over' }));
    await runUntilItWaits(cloud);
    cloud.clock.time += minute;
    await send(cloud, requested(2 * minute));
    await runUntilItWaits(cloud, 2);
    expect(typesOf(cloud).at(-1)).toBe('keyturn.token.provisioned');
    expect(publishedLogsIn(cloud)).toBe(true);
    expect(cloud.vault.newest(secretName)?.tags.incarnation).toBe('2');
  });

  it('take a token up again whose record was lost', async () => {
    const cloud = await provisioned();
    cloud.records.partitions.clear();
    cloud.inventory.rows.clear();
    expect(await runUntilItWaits(cloud)).toEqual(['recover']);
    cloud.clock.time += 60 * day;
    expect(await runUntilItWaits(cloud)).toEqual(['rotate']);
    expect(publishedLogsIn(cloud)).toBe(true);
  });

  it('deny what the policy no longer allows when it is carried out', async () => {
    const cloud = new MemoryCloud({ policy: { repositories: { 'other/*': ['content/read'] } } });
    await send(cloud, requested());
    expect(await runUntilItWaits(cloud, 2)).toEqual(['deny']);
    expect(cloud.events).toMatchObject([{ data: { rule: 'repositoryNotAllowed' } }]);
    expect(cloud.registry.writes).toEqual([]);
  });

  it('judge a scope map by what it grants', async () => {
    const cloud = new MemoryCloud();
    const actions = ['repositories/secret/content/read'];
    cloud.registry.scopeMaps.set('shared-read', {
      name: 'shared-read',
      description: '',
      actions,
      system: false,
    });
    await send(
      cloud,
      command('keyturn.token.requested', 0, { owner: 'team-web', access: { scopeMap: 'shared-read' } }),
    );
    await runUntilItWaits(cloud);
    expect(cloud.events).toMatchObject([{ data: { rule: 'actionNotAllowed' } }]);
  });

  it('give a token on a shared map its own one when repositories are added', async () => {
    const cloud = new MemoryCloud();
    const actions = ['repositories/shared/base/content/read'];
    cloud.registry.scopeMaps.set('shared-read', {
      name: 'shared-read',
      description: '',
      actions,
      system: false,
    });
    const access = { scopeMap: 'shared-read' };
    await send(cloud, command('keyturn.token.requested', 0, { owner: 'team-web', access }));
    await runUntilItWaits(cloud);
    const added = { 'team/web': ['content/read' as const] };
    await send(cloud, command('keyturn.token.access-changed', 1, { access: { added } }));
    await runUntilItWaits(cloud, 2);
    expect(cloud.registry.tokens.get(token)?.scopeMap).toBe('team-web-scope-map');
    expect(cloud.registry.scopeMaps.get('team-web-scope-map')?.actions).toEqual([
      ...actions,
      'repositories/team/web/content/read',
    ]);
    expect(cloud.registry.scopeMaps.get('shared-read')?.actions).toEqual(actions);
  });

  it('do nothing for a plan that is no longer the record’s', async () => {
    const cloud = await provisioned();
    const before = JSON.stringify([...cloud.records.partitions.values()].map(({ state }) => state));
    const activities = createActivities(cloud.ports());
    const old = { kind: 'work', number: 1, plannedAt: start, work: { kind: 'expire' }, steps: [] } as const;
    const request = { registry: 'contoso', token, now: start, plan: old, results: [] };
    expect(await activities.settle(request)).toBeNull();
    const step = { kind: 'deleteToken', input: {} } as const;
    const answer = await activities.step({ registry: 'contoso', token, plan: 1, plannedAt: start, step });
    expect(answer).toMatchObject({ ok: false, code: 'planSuperseded' });
    expect(JSON.stringify([...cloud.records.partitions.values()].map(({ state }) => state))).toBe(before);
    expect(cloud.registry.tokens.size).toBe(1);
  });

  it('never put a password into records, events, inventory or reports', async () => {
    const cloud = await provisioned();
    for (let rotations = 1; rotations <= 3; rotations += 1) {
      cloud.clock.time += 60 * day;
      await runUntilItWaits(cloud);
    }
    const kept = [...cloud.records.partitions.values()].map((partition) => [
      partition.state,
      [...partition.pending, ...partition.commands, ...partition.outbox, ...partition.history],
    ]);
    const text = JSON.stringify([kept, cloud.events, [...cloud.inventory.rows.values()], cloud.reports]);
    expect(cloud.registry.everIssued).toHaveLength(4);
    expect(leaksIn(text, cloud.registry.everIssued)).toEqual([]);
    const [password = ''] = cloud.registry.everIssued;
    for (const shift of ['', 'x', 'xy']) {
      const hidden = Buffer.from(`${shift}${password}yz`).toString('base64');
      expect(leaksIn(hidden, cloud.registry.everIssued)).toEqual([password]);
    }
  });
});
