import { describe, expect, it } from 'vitest';
import { commandKey } from '../../src/contracts/command-key.ts';
import { commandSchema } from '../../src/contracts/commands.ts';
import type { InventoryRow } from '../../src/ports/inventory.ts';
import { ServiceFailure } from '../../src/ports/service-failure.ts';
import { day } from '../lifecycle/build.ts';
import { Fleet } from './fleet.ts';
import { before, begun, idOf, nextOccurrence, nightly, occurrence, plusMinute } from './nightly.ts';

describe('a rotation schedule', () => {
  it('does nothing for the past when it is new', async () => {
    const fleet = new Fleet({ nightly });
    await fleet.add({ token: 'team-web' });
    expect(await fleet.run('2026-03-01T21:30:00.000Z')).toEqual([{ schedule: 'nightly', result: 'begun' }]);
    expect(await fleet.run('2026-03-01T21:31:00.000Z')).toEqual([]);
    expect(fleet.posted()).toEqual({});
  });

  it('asks for a rotation to the moment, and not before', async () => {
    const fleet = await begun();
    await fleet.add({ token: 'team-web' });
    expect(await fleet.run('2026-03-01T20:59:59.999Z')).toEqual([]);
    expect(await fleet.run(occurrence)).toEqual([
      {
        schedule: 'nightly',
        occurrence,
        result: 'finished',
        counts: { posted: 1, repeated: 0, unwoken: 0 },
      },
    ]);
    expect(fleet.posted()).toEqual({ 'contoso/team-web': [idOf('team-web')] });
    expect(fleet.woken).toEqual(['contoso/team-web']);
  });

  it('asks as a sender would, under the entrance that only Keyturn itself has', async () => {
    const fleet = await begun();
    await fleet.add({ token: 'team-Web' });
    await fleet.run(plusMinute(occurrence));
    const token = { registry: 'contoso', loginServer: 'contoso.azurecr.io', token: 'team-Web' };
    const [pending] = await fleet.records.readPending(token);
    const { source, id } = pending?.command ?? { source: '', id: '' };
    expect(pending).toMatchObject({
      key: commandKey('keyturn', { source, id }),
      entrance: 'keyturn',
      enqueuedAt: occurrence,
    });
    expect(commandSchema.parse(pending?.command)).toEqual(pending?.command);
    expect(pending?.command).toMatchObject({
      source: 'keyturn/rotation-schedules/nightly',
      id: idOf('team-web'),
      type: 'keyturn.token.rotation-requested',
      subject: 'contoso/team-Web',
      time: occurrence,
      data: { registry: 'contoso', token: 'team-Web', compromised: false, reason: 'Nightly' },
    });
    expect(await fleet.requests.findRequest('keyturn', pending?.key ?? '')).toEqual(token);
    const row = await fleet.inventory.readRow('contoso', 'team-Web');
    expect(row?.row.pendingSince).toBe(plusMinute(occurrence));
  });

  it('asks once for each occurrence', async () => {
    const fleet = await begun();
    await fleet.add({ token: 'team-web' });
    await fleet.run(occurrence);
    expect(await fleet.run(plusMinute(occurrence))).toEqual([]);
    await fleet.run(nextOccurrence);
    expect(fleet.posted()).toEqual({
      'contoso/team-web': [idOf('team-web'), idOf('team-web', nextOccurrence)],
    });
  });

  it('makes up for all that was missed with its latest occurrence', async () => {
    const fleet = await begun();
    await fleet.add({ token: 'team-web' });
    await fleet.run('2026-03-09T05:00:00.000Z');
    await fleet.run('2026-03-09T05:01:00.000Z');
    expect(fleet.posted()).toEqual({ 'contoso/team-web': [idOf('team-web', '2026-03-08T21:00:00.000Z')] });
  });

  it('begins anew when it comes up at other times than before', async () => {
    const fleet = await begun();
    await fleet.add({ token: 'team-web' });
    fleet.schedules = { nightly: { ...nightly, schedule: '0 0 20 * * *' } };
    expect(await fleet.run('2026-03-01T20:00:00.000Z')).toEqual([{ schedule: 'nightly', result: 'changed' }]);
    expect(await fleet.run('2026-03-02T18:59:59.000Z')).toEqual([]);
    expect(await fleet.run('2026-03-02T19:00:00.000Z')).toMatchObject([{ result: 'finished' }]);
  });

  it('is forgotten when it is taken away, so that it does not make up for anything when it comes back', async () => {
    const fleet = await begun({ nightly, other: nightly });
    await fleet.add({ token: 'team-web' });
    fleet.schedules = { other: nightly };
    expect(await fleet.run(before)).toEqual([{ schedule: 'nightly', result: 'forgotten' }]);
    fleet.schedules = { nightly };
    expect(await fleet.run(occurrence)).toMatchObject([
      { schedule: 'other', result: 'forgotten' },
      { schedule: 'nightly', result: 'begun' },
    ]);
    expect(fleet.posted()).toEqual({});
  });

  it('does not keep others from what it cannot do itself', async () => {
    const fleet = await begun({ nightly, alike: nightly });
    await fleet.add({ token: 'team-web' });
    let failures = 0;
    fleet.gate = (call) => {
      if (call === 'inventory.listRows' && failures++ === 0) throw unavailable();
    };
    expect(await fleet.run(occurrence)).toMatchObject([
      { schedule: 'nightly', result: { error: { code: 'unavailable' } } },
      { schedule: 'alike', result: 'finished' },
    ]);
    expect(await fleet.run(plusMinute(occurrence))).toMatchObject([
      { schedule: 'nightly', result: 'finished' },
    ]);
  });
});

describe('a rotation schedule selects', () => {
  const rows: readonly (Partial<InventoryRow> & { readonly token: string })[] = [
    { token: 'team-web' },
    { token: 'team-shop', owner: 'team-shop' },
    { token: 'partner-acme', entrance: 'partners', owner: 'acme' },
    { token: 'team-web', registry: 'fabrikam' },
    { token: 'team-off', status: 'disabled' },
    { token: 'team-new', status: 'provisioning' },
    { token: 'team-gone', status: 'deleted' },
    { token: 'team-cut', status: 'revoked' },
    { token: 'team-old', status: 'expired' },
    { token: 'team-asked', status: 'none' },
  ];

  it.each<[what: string, select: object, expected: string[]]>([
    [
      'all active tokens',
      {},
      ['contoso/partner-acme', 'contoso/team-shop', 'contoso/team-web', 'fabrikam/team-web'],
    ],
    ['those of a registry', { registries: ['fabrikam'] }, ['fabrikam/team-web']],
    [
      'those whose names fit, in whatever case',
      { tokens: ['TEAM-w*', 'nobody'] },
      ['contoso/team-web', 'fabrikam/team-web'],
    ],
    [
      'those whose owners fit',
      { owners: ['ac*', 'team-shop'] },
      ['contoso/partner-acme', 'contoso/team-shop'],
    ],
    ['owners in their case', { owners: ['ACME'] }, []],
    ['those of an entrance', { entrances: ['partners'] }, ['contoso/partner-acme']],
    [
      'those that fit everything that is said',
      { registries: ['contoso'], tokens: ['team-*'], entrances: ['token-requests'], owners: ['team-web'] },
      ['contoso/team-web'],
    ],
  ])('%s', async (_what, select, expected) => {
    const fleet = await begun({ nightly: { ...nightly, select } });
    await fleet.add(...rows);
    await fleet.run(occurrence);
    expect(Object.keys(fleet.posted())).toEqual(expected);
  });
});

describe('a token whose lifecycle cannot be reached', () => {
  it('has its command, is said to be unwoken, and holds up no other', async () => {
    const fleet = await begun();
    await fleet.add({ token: 'team-web' }, { token: 'team-lost' }, { token: 'team-shop' });
    fleet.unreachable.add('team-lost');
    expect(await fleet.run(occurrence)).toMatchObject([
      { result: 'finished', counts: { posted: 2, repeated: 0, unwoken: 1 } },
    ]);
    expect(Object.keys(fleet.posted())).toContain('contoso/team-lost');
    const row = await fleet.inventory.readRow('contoso', 'team-lost');
    expect(row?.row.pendingSince).toBe(occurrence);
  });
});

function unavailable(): ServiceFailure {
  return new ServiceFailure({ service: 'records', operation: 'listRows', code: 'unavailable' });
}

it('an occurrence is as late as the clocks of its time zone are, on every day of a year', async () => {
  const fleet = await begun();
  await fleet.add({ token: 'team-web' });
  for (let days = 0; days < 366; days += 1)
    await fleet.run(new Date(Date.parse(occurrence) + days * day).toISOString());
  const hours = Object.values(fleet.posted())
    .flat()
    .map((id) => id.slice('nightly/2026-03-01T'.length).slice(0, 2));
  expect(hours).toHaveLength(366);
  expect(hours.filter((hour) => hour === '20')).toHaveLength(210);
});
