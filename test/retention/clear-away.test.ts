import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InventoryRetentionTable } from '../../src/adapters/inventory-retention-table.ts';
import { InventoryTable } from '../../src/adapters/inventory-table.ts';
import { RecordRetentionTable } from '../../src/adapters/record-retention-table.ts';
import { RequestIndexTable } from '../../src/adapters/request-index-table.ts';
import { RequestRetentionTable } from '../../src/adapters/request-retention-table.ts';
import { TokenLeasesTable } from '../../src/adapters/token-leases-table.ts';
import { TokenRecordsTable } from '../../src/adapters/token-records-table.ts';
import type { HistoryEntry } from '../../src/lifecycle/settlement.ts';
import { newState, type TokenIdentity, type TokenState } from '../../src/lifecycle/state.ts';
import { type Cleared, clearAway } from '../../src/retention/clear-away.ts';
import { clearHistories } from '../../src/retention/clear-histories.ts';
import { clearRequests } from '../../src/retention/clear-requests.ts';
import { forgetName, forgetNames } from '../../src/retention/forget-names.ts';
import type { RetentionPorts } from '../../src/retention/retention-ports.ts';
import { MemoryClock } from '../activities/memory/memory-clock.ts';
import { configurationWith } from '../activities/memory/memory-cloud.ts';
import { accepted, outcome } from '../adapters/build-records.ts';
import { startRecordTables, type TablesUnderTest } from '../adapters/start-record-tables.ts';
import { at, day, start } from '../lifecycle/build.ts';
import { inStatus } from '../lifecycle/build-states.ts';

const now = at(500 * day);
const clock = new MemoryClock(now);
const before = at(100 * day);

let under: TablesUnderTest;
let records: TokenRecordsTable;
let inventory: InventoryTable;
let requests: RequestIndexTable;
let ports: RetentionPorts;
let ended: string[];
let identity: TokenIdentity;
let number = 0;

beforeAll(async () => {
  under = await startRecordTables();
  const { tables } = under;
  records = new TokenRecordsTable(tables.records, clock);
  inventory = new InventoryTable(tables.inventory, clock);
  requests = new RequestIndexTable(tables.requests, clock);
  ports = {
    configuration: configurationWith({}),
    clock,
    inventory,
    requests,
    retention: {
      records: new RecordRetentionTable(tables.records, clock),
      requests: new RequestRetentionTable(tables.requests, clock),
      inventory: new InventoryRetentionTable(tables.inventory, clock),
      lifecycles: {
        remove: async ({ token }) => {
          ended.push(token);
          return true;
        },
      },
    },
  };
});
afterAll(() => under.keyturn.close());
beforeEach(async () => {
  for (const table of [under.tables.records, under.tables.inventory, under.tables.requests])
    for await (const { partitionKey = '', rowKey = '' } of table.listEntities())
      await table.deleteEntity(partitionKey, rowKey);
  ended = [];
  number += 1;
  identity = { registry: 'contoso', loginServer: 'contoso.azurecr.io', token: `team-${number}` };
});

async function rowsLeft(): Promise<string[]> {
  const keys: string[] = [];
  for (const table of [under.tables.records, under.tables.inventory, under.tables.requests])
    for await (const { rowKey = '' } of table.listEntities()) keys.push(rowKey);
  return keys.sort();
}

function entry(plan: number, on: number, changes: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    at: at(on * day),
    plan,
    work: 'rotate',
    result: 'done',
    incarnation: 1,
    generation: 1,
    ...changes,
  };
}

/** A record whose history has an entry for each of some days, and a row of the inventory. */
async function keep(state: TokenState, days: readonly number[]): Promise<void> {
  let stored = await records.readState(identity);
  for (const [index, on] of days.entries()) {
    const plan = index + 1;
    const settled = { ...state, identity, plan, settled: plan };
    const settlement = { state: settled, events: [], outcomes: [], history: [entry(plan, on)] };
    await records.closePlan(settlement, { ...(stored ? { stored } : {}), pending: [] });
    stored = await records.readState(identity);
  }
  const { registry, token } = identity;
  const row = { registry, token, status: state.status, plan: days.length };
  await inventory.writeRow(row, undefined);
}

/** A token that was deleted long ago, with a command that ended then. */
async function keepDeleted(): Promise<void> {
  await keep(inStatus('deleted', { since: at(40 * day) }), [0, 40]);
  const request = { entrance: 'token-requests', key: 'asked', token: identity, enqueuedAt: at(40 * day) };
  await requests.addRequest(request);
  await insertEnded('asked', 40);
}

async function insertEnded(key: string, on: number): Promise<void> {
  await records.insertCommand(identity, accepted(key));
  const record = await records.readRecord(identity);
  if (!record.stored) throw new Error('There is no record.');
  const outcomes = [{ ...outcome(key), at: at(on * day) }];
  await records.closePlan({ state: record.stored.state, events: [], outcomes, history: [] }, record);
}

describe('histories', () => {
  it('are cleared of what is older than they are kept, each once in four weeks, and of nothing else', async () => {
    await keep(inStatus('active'), [1, 60, 99, 101, 480]);
    let cleared = 0;
    for (let on = 500; on < 528; on += 1) {
      const count = await clearHistories(at(on * day), 100, ports);
      if (count > 0) cleared += 1;
    }
    expect(cleared).toBe(1);
    const { items } = await records.readHistory(identity, { pageSize: 10 });
    expect(items.map(({ plan }) => plan)).toEqual(expect.arrayContaining([5]));
    expect(items.every(({ at: when }) => when >= at(100 * day))).toBe(true);
    expect((await records.readState(identity))?.state.status).toBe('active');
  });

  it('of hundreds of entries are cleared at once', async () => {
    await keep(inStatus('active'), [...Array.from({ length: 120 }, (_, index) => index / 10), 400]);
    for (let on = 500; on < 528; on += 1) await clearHistories(at(on * day), 1_000, ports);
    const { items } = await records.readHistory(identity, { pageSize: 1_000 });
    expect(items.map(({ plan }) => plan)).toEqual([121]);
  });
});

describe('what became of commands', () => {
  async function ask(key: string, on: number): Promise<void> {
    const request = { entrance: 'token-requests', key, token: identity, enqueuedAt: at(on * day) };
    await requests.addRequest(request);
    await records.insertCommand(identity, accepted(key, { enqueuedAt: at(on * day) }));
  }

  it('is forgotten when it is older than it is kept; what waits, or ended only since, is not', async () => {
    await keep(inStatus('active'), [0]);
    for (const key of ['old', 'late', 'waiting']) await ask(key, 10);
    await ask('young', 450);
    await insertEnded('old', 11);
    await insertEnded('late', 480);
    expect(await clearRequests(now, 100, ports)).toBe(1);
    const found = await Promise.all(
      ['old', 'late', 'waiting', 'young'].map((key) => requests.findRequest('token-requests', key)),
    );
    expect(found.map((each) => each !== undefined)).toEqual([false, true, true, true]);
    expect(await records.readCommand(identity, 'old')).toBeUndefined();
    expect((await records.readCommand(identity, 'late'))?.outcome).toBeDefined();
    expect(await clearRequests(now, 100, ports)).toBe(0);
  });

  it('is forgotten so many at a time, and also where no record was ever made', async () => {
    for (let index = 0; index < 20; index += 1)
      await requests.addRequest({
        entrance: 'token-requests',
        key: `key-${index}`,
        token: identity,
        enqueuedAt: at(10 * day),
      });
    // A group that is begun ends, whatever the limit is.
    expect(await clearRequests(now, 2, ports)).toBe(16);
    expect(await rowsLeft()).toHaveLength(2 * 4);
    expect(await clearRequests(now, 100, ports)).toBe(4);
    expect(await rowsLeft()).toEqual([]);
  });

  it('is never forgotten before the command would be stale', async () => {
    const patient = configurationWith({ policy: { staleAfter: 'P495D' } });
    await requests.addRequest({
      entrance: 'token-requests',
      key: 'one',
      token: identity,
      enqueuedAt: at(10 * day),
    });
    expect(await clearRequests(now, 2, { ...ports, configuration: patient })).toBe(0);
    expect(await clearRequests(at(520 * day), 2, { ...ports, configuration: patient })).toBe(1);
  });
});

describe('a name whose token was deleted long ago', () => {
  it('leaves nothing behind', async () => {
    await keepDeleted();
    const leases = new TokenLeasesTable(under.tables.records, clock);
    await leases.takeLease(identity, { holder: 'somebody', until: at(41 * day) });
    const results: Cleared[] = [];
    for await (const cleared of clearAway(now, ports)) results.push(cleared);
    expect(results.map(({ kind, result }) => [kind, 'count' in result && result.count])).toEqual([
      ['history', expect.any(Number)],
      ['requests', 1],
      ['names', 1],
    ]);
    expect(await rowsLeft()).toEqual([]);
    expect(ended).toEqual([identity.token]);
  });

  it('keeps what became of a command since, for its own time', async () => {
    await keepDeleted();
    await insertEnded('later', 300);
    expect(await forgetNames(now, 10, ports)).toEqual([identity]);
    expect((await records.readCommand(identity, 'later'))?.outcome).toBeDefined();
  });

  it('is forgotten with others up to a limit', async () => {
    for (let index = 0; index < 18; index += 1) {
      identity = { ...identity, token: `team-limit-${index}` };
      await keep(inStatus('deleted', { since: at(40 * day) }), [0]);
    }
    expect(await forgetNames(now, 2, ports)).toHaveLength(16);
    expect((await rowsLeft()).filter((key) => key === 'lifecycle')).toHaveLength(2);
    expect(await forgetNames(now, 100, ports)).toHaveLength(2);
    expect(await rowsLeft()).toEqual([]);
  });

  it('stays while somebody asks for it', async () => {
    await keepDeleted();
    await inventory.markPending('contoso', identity.token, now, 'token-requests');
    expect(await forgetNames(now, 10, ports)).toEqual([]);
    expect((await records.readState(identity))?.state.status).toBe('deleted');
  });

  it('that never had a token is forgotten too', async () => {
    await keep(newState(identity), [30]);
    expect(await forgetNames(now, 10, ports)).toEqual([identity]);
    expect(await rowsLeft()).toEqual([]);
  });
});

class Killed extends Error {}

/** The ports, which call back before each call with its number. */
function counted(onCall: (call: number) => Promise<void>): RetentionPorts {
  let calls = 0;
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          calls += 1;
          await onCall(calls);
          return Reflect.apply(value, target, given);
        };
      },
    });
  const { records: kept, requests: indexed, inventory: listed, lifecycles } = ports.retention;
  return {
    ...ports,
    inventory: wrap(inventory),
    retention: {
      records: wrap(kept),
      requests: wrap(indexed),
      inventory: wrap(listed),
      lifecycles: wrap(lifecycles),
    },
  };
}

async function callsOfForgetting(): Promise<number> {
  await keepDeleted();
  let calls = 0;
  const counting = counted(async (call) => {
    calls = call;
  });
  await forgetName(identity, before, counting);
  return calls;
}

describe('forgetting a name', () => {
  it('is done by the next run, wherever the first one was killed', async () => {
    const calls = await callsOfForgetting();
    expect(calls).toBeGreaterThan(8);
    for (let killedAt = 1; killedAt <= calls; killedAt += 1) {
      identity = { ...identity, token: `team-killed-${killedAt}` };
      await keepDeleted();
      const dying = counted(async (call) => {
        if (call === killedAt) throw new Killed();
      });
      await expect(forgetName(identity, before, dying)).rejects.toThrow(Killed);
      expect(await forgetNames(now, 10, ports)).toEqual([identity]);
      await clearRequests(now, 10, ports);
      expect(await rowsLeft()).toEqual([]);
    }
  });

  it('loses no request that comes at any moment, and nothing of the life that it begins', async () => {
    const calls = await callsOfForgetting();
    for (let comesAt = 1; comesAt <= calls + 1; comesAt += 1) {
      identity = { ...identity, token: `team-asked-${comesAt}` };
      await keepDeleted();
      let beginsAnew: TokenState | undefined;
      const interrupted = counted(async (call) => {
        if (call === comesAt) beginsAnew = await requestAnew();
      });
      await forgetName(identity, before, interrupted);
      if (comesAt > calls) beginsAnew = await requestAnew();
      const { stored, pending } = await records.readRecord(identity);
      expect([comesAt, pending.map(({ key }) => key)]).toEqual([comesAt, ['anew']]);
      expect([comesAt, stored?.state]).toEqual([comesAt, beginsAnew]);
      const { items } = await records.readHistory(identity, { pageSize: 1 });
      expect([comesAt, items[0]?.at]).toEqual([comesAt, now]);
      const row = (await inventory.readRow('contoso', identity.token))?.row;
      expect([comesAt, row?.pendingSince]).toEqual([comesAt, now]);
      expect((row?.plan ?? 0) <= (stored?.state.settled ?? 0)).toBe(true);
    }
  });
});

/** What intake writes of a request, and the first plan that the lifecycle then makes and settles. */
async function requestAnew(): Promise<TokenState> {
  await records.insertCommand(identity, accepted('anew'));
  await inventory.markPending('contoso', identity.token, now, 'token-requests');
  const record = await records.readRecord(identity);
  const state = record.stored?.state ?? newState(identity);
  const plan = state.plan + 1;
  const begun: TokenState = { ...inStatus('provisioning', { since: start }), identity, plan, settled: plan };
  const history = [entry(plan, 500, { work: 'provision', result: 'failed' })];
  const closed = await records.closePlan({ state: begun, events: [], outcomes: [], history }, record);
  expect(closed).toBeDefined();
  return JSON.parse(JSON.stringify(begun)) as TokenState;
}
