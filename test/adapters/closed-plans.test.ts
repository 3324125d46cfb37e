import { describe, expect, it } from 'vitest';
import type { CommandOutcome, Settlement } from '../../src/lifecycle/settlement.ts';
import type { StoredState } from '../../src/ports/token-records.ts';
import { start } from '../lifecycle/build.ts';
import { accepted, eventAbout, outcome, settlementOf, stateOf } from './build-records.ts';
import { useTokenRecords } from './use-token-records.ts';

const storage = useTokenRecords();

const state = (plan: number, settled = plan) => stateOf(storage.token, plan, settled);
const settlement = (plan: number, changes: Partial<Settlement> = {}) =>
  settlementOf(storage.token, plan, changes);
/** Closes a plan of the record as it is, or, with another state, as somebody else has read it. */
const close = async (closed: Settlement, stored?: StoredState) => {
  const record = await storage.records.readRecord(storage.token);
  return storage.records.closePlan(closed, stored ? { ...record, stored } : record);
};
const event = (id: string) => eventAbout(storage.token, id);

describe('closing a plan', () => {
  it('writes state, outcome, history and events together', async () => {
    await storage.records.insertCommand(storage.token, accepted('a'));
    await storage.records.insertCommand(storage.token, accepted('b'));
    const earlier = await storage.records.saveState(state(1, 0), undefined);
    const settled = settlement(1, { outcomes: [outcome('a')], events: [event('1'), event('2')] });
    expect(await close(settled, earlier)).toBeDefined();
    expect((await storage.records.readState(storage.token))?.state).toEqual(settled.state);
    expect(await storage.keysOfPending()).toEqual(['b']);
    expect((await storage.records.readCommand(storage.token, 'a'))?.outcome).toEqual(outcome('a'));
    expect((await storage.records.readOutbox(storage.token)).map((each) => each.event)).toEqual(
      settled.events,
    );
    expect((await storage.records.readHistory(storage.token, { pageSize: 10 })).items).toEqual(
      settled.history,
    );
  });

  it('does nothing at all when the state was changed since', async () => {
    await storage.records.insertCommand(storage.token, accepted('a'));
    const earlier = await storage.records.saveState(state(1, 0), undefined);
    const newer = await storage.records.saveState(state(2, 0), earlier);
    const settled = settlement(1, { outcomes: [outcome('a')], events: [event('1')] });
    expect(await close(settled, earlier)).toBeUndefined();
    expect(await storage.records.readState(storage.token)).toEqual(newer);
    expect(await storage.keysOfPending()).toEqual(['a']);
    expect(await storage.records.readOutbox(storage.token)).toEqual([]);
    expect((await storage.records.readHistory(storage.token, { pageSize: 10 })).items).toEqual([]);
  });

  it('is done by one of many who try at once', async () => {
    await storage.records.insertCommand(storage.token, accepted('a'));
    const earlier = await storage.records.saveState(state(1, 0), undefined);
    const settled = settlement(1, { outcomes: [outcome('a')], events: [event('1')] });
    const tries = await Promise.all(Array.from({ length: 8 }, () => close(settled, earlier)));
    expect(tries.filter((closed) => closed)).toHaveLength(1);
    expect(await storage.records.readOutbox(storage.token)).toHaveLength(1);
  });

  it('answers the events as they are read from the outbox then', async () => {
    const events = [event('1'), event('2')];
    const closed = await close(settlement(1, { events }));
    expect(closed).toEqual(await storage.records.readOutbox(storage.token));
  });

  it('leaves what the next plan is made by: the state, what came since, and what is still to be told', async () => {
    const { records, token } = storage;
    expect(await records.readRecord(token)).toEqual({ pending: [], outbox: [] });
    await records.insertCommand(token, accepted('a'));
    await close(settlement(1, { outcomes: [outcome('a')], events: [event('1')] }));
    await records.insertCommand(token, accepted('b'));
    expect(await records.readRecord(token)).toEqual({
      stored: await records.readState(token),
      pending: await records.readPending(token),
      outbox: await records.readOutbox(token),
    });
    expect(await storage.keysOfPending()).toEqual(['b']);
  });

  it('is done also when the answer got lost', async () => {
    await storage.records.insertCommand(storage.token, accepted('a'));
    const earlier = await storage.records.saveState(state(1, 0), undefined);
    storage.inject({ kind: 'drop', when: 'after' }, '^POST ');
    expect(await close(settlement(1, { outcomes: [outcome('a')] }), earlier)).toBeDefined();
    expect(await storage.keysOfPending()).toEqual([]);
  });

  it('gives a command that had an outcome another one', async () => {
    await storage.records.insertCommand(storage.token, accepted('a'));
    const deferred: CommandOutcome = { ...outcome('a', 'deferred'), until: start };
    await close(settlement(1, { outcomes: [deferred] }));
    const earlier = await storage.records.readState(storage.token);
    expect(await close(settlement(2, { outcomes: [outcome('a')] }), earlier)).toBeDefined();
    expect((await storage.records.readCommand(storage.token, 'a'))?.outcome).toEqual(outcome('a'));
  });

  it('leaves commands pending whose outcomes do not fit into one transaction', async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `k${String(index).padStart(2, '0')}`);
    await Promise.all(keys.map((key) => storage.records.insertCommand(storage.token, accepted(key))));
    const outcomes = keys.map((key) => outcome(key, 'superseded'));
    expect(await close(settlement(1, { outcomes }))).toBeDefined();
    const left = await storage.keysOfPending();
    expect(left.length).toBeGreaterThan(0);
    expect(left).toEqual(keys.slice(-left.length));
    const next = settlement(2, { outcomes: left.map((key) => outcome(key, 'superseded')) });
    expect(await close(next)).toBeDefined();
    expect(await storage.keysOfPending()).toEqual([]);
  });
});

describe('an outbox', () => {
  it('keeps the order of plans and events, and forgets what is removed, also twice', async () => {
    await close(settlement(2, { events: [event('3')] }));
    await close(settlement(10, { events: [event('4'), event('5')] }));
    const outbox = await storage.records.readOutbox(storage.token);
    expect(outbox.map((each) => each.event.id)).toEqual(['3', '4', '5']);
    const keys = outbox.slice(0, 2).map(({ key }) => key);
    await storage.records.removeFromOutbox(storage.token, keys);
    await storage.records.removeFromOutbox(storage.token, keys);
    expect((await storage.records.readOutbox(storage.token)).map((each) => each.event.id)).toEqual(['5']);
  });
});

describe('a history', () => {
  it('is read newest first, page by page', async () => {
    let earlier = await storage.records.readState(storage.token);
    for (let plan = 1; plan <= 12; plan += 1) {
      await close(settlement(plan), earlier);
      earlier = await storage.records.readState(storage.token);
    }
    const plans: number[] = [];
    let continuation: string | undefined;
    do {
      const page = await storage.records.readHistory(storage.token, { pageSize: 5, continuation });
      plans.push(...page.items.map(({ plan }) => plan));
      continuation = page.continuation;
    } while (continuation !== undefined);
    expect(plans).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });
});
