import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlertStoreTable } from '../../src/adapters/alert-store-table.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import type { AlertGroup } from '../../src/alerting/alert-group.ts';
import { groupId, type Incident, memberPlace } from '../../src/alerting/incident.ts';
import { afterIncident, type Member } from '../../src/alerting/member.ts';
import { healthy } from '../../src/alerting/sink-health.ts';
import { repetitions } from '../counts.ts';
import { at, start } from '../lifecycle/build.ts';
import { all } from './keyturn-cloud.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

let under: TablesUnderTest;
let store: AlertStoreTable;

beforeAll(async () => {
  under = await startRecordTables();
  store = new AlertStoreTable(under.tables.alerts, systemClock);
});
afterAll(() => under.keyturn.close());

const about = { alert: 'disabledOutOfBand', registry: 'contoso', cause: 'person' } as const;

function incident(token: string, actor: string, deadline?: string): Incident {
  return {
    kind: 'incident',
    id: `event of ${token}`,
    time: start,
    about: { ...about, actor },
    subject: token,
    facts: { severity: 'critical', token, since: start, evidence: ['“é”'], deadline },
  };
}

function memberOf(report: Incident): Member {
  const member = afterIncident(undefined, report, at(1));
  if (!member) throw new Error('There is no member.');
  return member;
}

function group(actor: string, changes: Partial<AlertGroup> = {}): AlertGroup {
  const told = {
    at: start,
    summarised: false,
    count: 1,
    open: 1,
    severity: 'critical',
    changedAt: start,
    facts: incident('team-one', actor).facts,
  } as const;
  return {
    id: groupId({ ...about, actor }),
    about: { ...about, actor },
    status: 'active',
    openedAt: start,
    number: 1,
    told,
    ...changes,
  };
}

describe('what alerting remembers of a token', () => {
  it('is read as it was written, and can be written only by who knows it', async () => {
    const place = memberPlace(incident('team-one', 'sam'));
    const member = memberOf(incident('team-one', 'sam', at(5)));
    expect(await store.readMember(place)).toBeUndefined();
    const written = await store.writeMember(place, member, undefined);
    expect(await store.readMember(place)).toEqual({ value: member, etag: written?.etag });
    expect(await store.writeMember(place, member, undefined)).toBeUndefined();
    const resolved = { ...member, resolved: { time: at(2), at: at(3) } };
    expect(await store.writeMember(place, resolved, written)).toMatchObject({ value: resolved });
    expect(await store.writeMember(place, member, written)).toBeUndefined();
  });

  it('is counted with its group, and with no other of the same kind', async () => {
    for (const [token, actor] of [
      ['team-two', 'eve'],
      ['team-six', 'eve'],
      ['team-ten', 'bob'],
    ] as const) {
      const report = incident(token, actor, token === 'team-six' ? at(9) : undefined);
      await store.writeMember(memberPlace(report), memberOf(report), undefined);
    }
    const counted = { severity: 'critical', since: start, recordedAt: at(1), changedAt: at(1) };
    expect(await all(store.listMembers(group('eve')))).toEqual([
      { row: 'team-six', deadline: at(9), ...counted },
      { row: 'team-two', ...counted },
    ]);
  });

  it('whose end came first is in no group', async () => {
    const place = memberPlace(incident('team-end', 'sam'));
    await store.writeMember(place, { resolved: { time: start, at: start } }, undefined);
    expect((await store.readMember(place))?.value).toEqual({ resolved: { time: start, at: start } });
  });

  it('is removed with its group, and only then', async () => {
    const tokens = Array.from(
      { length: repetitions({ quick: 120, soak: 5_000 }) },
      (_, index) => `team-${index}`,
    );
    for (let from = 0; from < tokens.length; from += 20)
      await Promise.all(
        tokens.slice(from, from + 20).map(async (token) => {
          const report = incident(token, 'many');
          await store.writeMember(memberPlace(report), memberOf(report), undefined);
        }),
      );
    expect(await all(store.listMembers(group('many')))).toHaveLength(tokens.length);
    expect(await store.removeMembers(group('many'))).toBe(true);
    expect(await all(store.listMembers(group('many')))).toEqual([]);
    expect(await store.removeMembers(group('many'))).toBe(true);
  });
});

describe('what alerting remembers of a group', () => {
  it('is listed with all others, and removed by who knows it', async () => {
    const one = await store.writeGroup(group('one'), undefined);
    const two = await store.writeGroup(group('two'), undefined);
    if (!one || !two) throw new Error('The groups are not written.');
    expect(await all(store.listGroups())).toEqual(expect.arrayContaining([one, two]));
    const changed = await store.writeGroup(group('one', { status: 'ending' }), one);
    expect(await store.removeGroup(one)).toBe(false);
    expect(await store.readGroup(one.value.id)).toEqual(changed);
    expect(changed && (await store.removeGroup(changed))).toBe(true);
    expect(await store.readGroup(one.value.id)).toBeUndefined();
  });

  it('is written once, though the answer got lost', async () => {
    under.keyturn.inject({ kind: 'drop', when: 'after' }, '^POST /KeyturnAlerts');
    const written = await store.writeGroup(group('lost'), undefined);
    expect(written).toEqual(await store.readGroup(group('lost').id));
  });
});

it('what alerting remembers of a sink is written by who knows it', async () => {
  expect(await store.readSink('Pager')).toBeUndefined();
  const written = await store.writeSink('Pager', { ...healthy, failures: 1 }, undefined);
  expect(await store.readSink('pager')).toEqual(written);
  expect(await store.writeSink('Pager', healthy, undefined)).toBeUndefined();
});
