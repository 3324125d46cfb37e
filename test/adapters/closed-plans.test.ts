import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { TokenRecordsTable } from '../../src/adapters/token-records-table.ts';
import type { CommandOutcome, Settlement } from '../../src/lifecycle/settlement.ts';
import type { TokenIdentity } from '../../src/lifecycle/state.ts';
import { start } from '../lifecycle/build.ts';
import { accepted, eventAbout, outcome, settlementOf, stateOf } from './build-records.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

let storage: TablesUnderTest;
let records: TokenRecordsTable;
let token: TokenIdentity;
let number = 0;

beforeAll(async () => {
  storage = await startRecordTables();
  records = new TokenRecordsTable(storage.tables.records, systemClock);
});
afterAll(() => storage.keyturn.close());
beforeEach(() => {
  storage.keyturn.cloud.faults.clear();
  number += 1;
  token = { registry: 'contoso', loginServer: 'contoso.azurecr.io', token: `Token-${number}` };
});

const state = (plan: number, settled = plan) => stateOf(token, plan, settled);
const settlement = (plan: number, changes: Partial<Settlement> = {}) => settlementOf(token, plan, changes);
const event = (id: string) => eventAbout(token, id);
const inject = (...fault: Parameters<typeof storage.keyturn.inject>) => storage.keyturn.inject(...fault);
const keysOfPending = async () => (await records.readPending(token)).map(({ key }) => key).sort();

describe('closing a plan', () => {
  it('writes state, outcome, history and events together', async () => {
    await records.insertCommand(token, accepted('a'));
    await records.insertCommand(token, accepted('b'));
    const earlier = await records.saveState(state(1, 0), undefined);
    const settled = settlement(1, { outcomes: [outcome('a')], events: [event('1'), event('2')] });
    expect(await records.closePlan(settled, earlier)).toBe(true);
    expect((await records.readState(token))?.state).toEqual(settled.state);
    expect(await keysOfPending()).toEqual(['b']);
    expect((await records.readCommand(token, 'a'))?.outcome).toEqual(outcome('a'));
    expect((await records.readOutbox(token)).map((each) => each.event)).toEqual(settled.events);
    expect((await records.readHistory(token, { pageSize: 10 })).items).toEqual(settled.history);
  });

  it('does nothing at all when the state was changed since', async () => {
    await records.insertCommand(token, accepted('a'));
    const earlier = await records.saveState(state(1, 0), undefined);
    const newer = await records.saveState(state(2, 0), earlier);
    const settled = settlement(1, { outcomes: [outcome('a')], events: [event('1')] });
    expect(await records.closePlan(settled, earlier)).toBe(false);
    expect(await records.readState(token)).toEqual(newer);
    expect(await keysOfPending()).toEqual(['a']);
    expect(await records.readOutbox(token)).toEqual([]);
    expect((await records.readHistory(token, { pageSize: 10 })).items).toEqual([]);
  });

  it('is done by one of many who try at once', async () => {
    await records.insertCommand(token, accepted('a'));
    const earlier = await records.saveState(state(1, 0), undefined);
    const settled = settlement(1, { outcomes: [outcome('a')], events: [event('1')] });
    const tries = await Promise.all(Array.from({ length: 8 }, () => records.closePlan(settled, earlier)));
    expect(tries.filter((closed) => closed)).toHaveLength(1);
    expect(await records.readOutbox(token)).toHaveLength(1);
  });

  it('is done also when the answer got lost', async () => {
    await records.insertCommand(token, accepted('a'));
    const earlier = await records.saveState(state(1, 0), undefined);
    inject({ kind: 'drop', when: 'after' }, '^POST ');
    expect(await records.closePlan(settlement(1, { outcomes: [outcome('a')] }), earlier)).toBe(true);
    expect(await keysOfPending()).toEqual([]);
  });

  it('gives a command that had an outcome another one', async () => {
    await records.insertCommand(token, accepted('a'));
    const deferred: CommandOutcome = { ...outcome('a', 'deferred'), until: start };
    await records.closePlan(settlement(1, { outcomes: [deferred] }), undefined);
    const earlier = await records.readState(token);
    expect(await records.closePlan(settlement(2, { outcomes: [outcome('a')] }), earlier)).toBe(true);
    expect((await records.readCommand(token, 'a'))?.outcome).toEqual(outcome('a'));
  });

  it('leaves commands pending whose outcomes do not fit into one transaction', async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `k${String(index).padStart(2, '0')}`);
    await Promise.all(keys.map((key) => records.insertCommand(token, accepted(key))));
    const outcomes = keys.map((key) => outcome(key, 'superseded'));
    expect(await records.closePlan(settlement(1, { outcomes }), undefined)).toBe(true);
    const left = await keysOfPending();
    expect(left.length).toBeGreaterThan(0);
    expect(left).toEqual(keys.slice(-left.length));
    const next = settlement(2, { outcomes: left.map((key) => outcome(key, 'superseded')) });
    expect(await records.closePlan(next, await records.readState(token))).toBe(true);
    expect(await keysOfPending()).toEqual([]);
  });
});

describe('an outbox', () => {
  it('keeps the order of plans and events, and forgets what is removed, also twice', async () => {
    await records.closePlan(settlement(2, { events: [event('3')] }), undefined);
    await records.closePlan(
      settlement(10, { events: [event('4'), event('5')] }),
      await records.readState(token),
    );
    const outbox = await records.readOutbox(token);
    expect(outbox.map((each) => each.event.id)).toEqual(['3', '4', '5']);
    const keys = outbox.slice(0, 2).map(({ key }) => key);
    await records.removeFromOutbox(token, keys);
    await records.removeFromOutbox(token, keys);
    expect((await records.readOutbox(token)).map((each) => each.event.id)).toEqual(['5']);
  });
});

describe('a history', () => {
  it('is read newest first, page by page', async () => {
    let earlier = await records.readState(token);
    for (let plan = 1; plan <= 12; plan += 1) {
      await records.closePlan(settlement(plan), earlier);
      earlier = await records.readState(token);
    }
    const plans: number[] = [];
    let continuation: string | undefined;
    do {
      const page = await records.readHistory(token, { pageSize: 5, continuation });
      plans.push(...page.items.map(({ plan }) => plan));
      continuation = page.continuation;
    } while (continuation !== undefined);
    expect(plans).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });
});
