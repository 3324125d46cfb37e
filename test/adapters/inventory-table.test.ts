import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InventoryTable } from '../../src/adapters/inventory-table.ts';
import { RequestIndexTable } from '../../src/adapters/request-index-table.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import type { InventoryRow } from '../../src/ports/inventory.ts';
import { at, day, hour, identity, minute, start } from '../lifecycle/build.ts';
import { all } from './keyturn-cloud.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

let storage: TablesUnderTest;
let inventory: InventoryTable;
let registry: string;
let number = 0;

beforeAll(async () => {
  storage = await startRecordTables();
  inventory = new InventoryTable(storage.tables.inventory, systemClock);
});
afterAll(() => storage.keyturn.close());
beforeEach(() => {
  number += 1;
  registry = `registry${number}`;
});

const row = (token: string, changes: Partial<InventoryRow> = {}): InventoryRow => ({
  registry,
  token,
  status: 'active',
  plan: 1,
  entrance: `entrance-${number}`,
  owner: "team-o'neill",
  slot: 'password1',
  generation: 3,
  expiresAt: at(30 * day),
  nextRotation: at(20 * day),
  secretUri: 'https://teams.vault.azure.net/secrets/x',
  ...changes,
});
const write = async (token: string, changes: Partial<InventoryRow> = {}) => {
  expect(await inventory.writeRow(row(token, changes), await inventory.readRow(registry, token))).toBe(true);
};
const names = (rows: readonly InventoryRow[]) => rows.map(({ token }) => token);

describe('an inventory row', () => {
  it('is read as it was written, whatever the case of its name', async () => {
    expect(await inventory.readRow(registry, 'Team-Web')).toBeUndefined();
    await write('Team-Web');
    expect((await inventory.readRow(registry, 'team-web'))?.row).toEqual(row('Team-Web'));
  });

  it('keeps what is believed of the token and what was found', async () => {
    const believed: NonNullable<InventoryRow['believed']> = {
      status: 'active',
      entrance: 'token-requests',
      scopeMap: 'team-web-scope-map',
      grants: 'k3Jb',
      published: 'password1',
      passwords: { password1: { createdAt: at(0), until: at(day) } },
      accounted: { password2: at(day) },
      ownWork: { from: at(0), to: at(day) },
      secret: { vault: 'teams', secretName: 'x', incarnation: 1, generation: 3 },
    };
    const compared = { believed, findings: ['disabledOutOfBand', 'secretMissing'] as const };
    await write('team-web', compared);
    expect((await inventory.readRow(registry, 'team-web'))?.row).toEqual(row('team-web', compared));
  });

  it('keeps that something fails, or waits for a person, until that is over', async () => {
    await write('team-web', { failing: true, parked: true });
    expect((await inventory.readRow(registry, 'team-web'))?.row).toMatchObject({
      failing: true,
      parked: true,
    });
    await write('team-web', { plan: 2 });
    expect((await inventory.readRow(registry, 'team-web'))?.row).toEqual(row('team-web', { plan: 2 }));
  });

  it('in brief has all but what is believed of the token', async () => {
    const found = {
      findings: ['secretMissing'],
      failing: true,
      lookAt: at(day),
      pendingSince: at(0),
    } as const;
    const believed: NonNullable<InventoryRow['believed']> = {
      ...{
        status: 'active',
        entrance: 'token-requests',
        scopeMap: 'x-scope-map',
        passwords: {},
        accounted: {},
      },
      secret: { vault: 'teams', secretName: 'x', incarnation: 1, generation: 3 },
    };
    await write('team-web', { ...found, believed });
    const { items } = await inventory.listRows({ registry, brief: true }, { pageSize: 10 });
    expect(items).toEqual([row('team-web', found)]);
  });

  it('is written by the first of two who read the same', async () => {
    await write('team-web');
    const read = await inventory.readRow(registry, 'team-web');
    expect(await inventory.writeRow(row('team-web', { plan: 2 }), read)).toBe(true);
    expect(await inventory.writeRow(row('team-web', { plan: 3 }), read)).toBe(false);
    expect(await inventory.writeRow(row('team-web'), undefined)).toBe(false);
    expect((await inventory.readRow(registry, 'team-web'))?.row.plan).toBe(2);
  });

  it('of an earlier plan does not replace that of a later one', async () => {
    await write('team-web', { plan: 5 });
    const read = await inventory.readRow(registry, 'team-web');
    expect(await inventory.writeRow(row('team-web', { plan: 4 }), read)).toBe(false);
  });

  it('loses what the new one does not say', async () => {
    await write('team-web', { lookAt: at(day) });
    await write('team-web', { plan: 2 });
    expect((await inventory.readRow(registry, 'team-web'))?.row).toEqual(row('team-web', { plan: 2 }));
  });
});

describe('a pending command', () => {
  it('is marked with the oldest, and all else of the row stays', async () => {
    await write('team-web');
    await inventory.markPending(registry, 'team-web', at(5 * minute));
    await inventory.markPending(registry, 'team-web', at(7 * minute));
    expect((await inventory.readRow(registry, 'team-web'))?.row).toEqual(
      row('team-web', { pendingSince: at(5 * minute) }),
    );
    await inventory.markPending(registry, 'team-web', at(minute));
    expect((await inventory.readRow(registry, 'team-web'))?.row.pendingSince).toBe(at(minute));
  });

  it('is marked also for a token that has no row yet', async () => {
    await inventory.markPending(registry, 'new-token', start);
    expect((await inventory.readRow(registry, 'new-token'))?.row).toEqual({
      registry,
      token: 'new-token',
      status: 'none',
      plan: 0,
      pendingSince: start,
    });
  });

  it('that comes while the mark is being cleared stays marked', async () => {
    await write('team-web', { pendingSince: start });
    const read = await inventory.readRow(registry, 'team-web');
    await inventory.markPending(registry, 'team-web', at(minute));
    expect(await inventory.writeRow(row('team-web', { plan: 2 }), read)).toBe(false);
  });

  it('of many at once is marked once for all', async () => {
    await Promise.all([3, 1, 2].map((n) => inventory.markPending(registry, 'busy-token', at(n * minute))));
    expect((await inventory.readRow(registry, 'busy-token'))?.row.pendingSince).toBe(at(minute));
  });
});

describe('a list', () => {
  it('of what is late has those past their promise, and those whose commands wait', async () => {
    await write('past', { lookAt: at(-11 * minute) });
    await write('just-now', { lookAt: at(-9 * minute) });
    await write('waiting', { pendingSince: at(-6 * minute), lookAt: at(day) });
    await write('idle');
    const before = { lookAt: at(-10 * minute), pendingSince: at(-5 * minute) };
    expect(names(await all(inventory.listLate(registry, before)))).toEqual(['past', 'waiting']);
    expect(await all(inventory.listLate('registry0', before))).toEqual([]);
  });

  it('of all has every row of the registry, in the order of names', async () => {
    for (const name of ['team-b', 'Team-A', 'team-c']) await write(name);
    const all: string[] = [];
    for await (const { token } of inventory.listAll(registry)) all.push(token);
    expect(all).toEqual(['Team-A', 'team-b', 'team-c']);
  });

  it('is filtered, and comes page by page', async () => {
    for (const n of [1, 2, 3, 4, 5]) await write(`token-${n}`, { expiresAt: at(n * day) });
    await write('token-6', { status: 'disabled', entrance: 'other' });
    const first = await inventory.listRows({ registry }, { pageSize: 4 });
    expect(names(first.items)).toEqual(['token-1', 'token-2', 'token-3', 'token-4']);
    const second = await inventory.listRows({ registry }, { pageSize: 4, continuation: first.continuation });
    expect(names(second.items)).toEqual(['token-5', 'token-6']);
    expect(second.continuation).toBeUndefined();
    const found = async (filter: object) =>
      names((await inventory.listRows({ registry, ...filter }, { pageSize: 100 })).items);
    expect(await found({ status: 'disabled' })).toEqual(['token-6']);
    expect(await found({ entrance: 'other' })).toEqual(['token-6']);
    expect(await found({ expiresBefore: at(3 * day) })).toEqual(['token-1', 'token-2']);
    expect(await found({ entrance: "' or '1' eq '1" })).toEqual([]);
    expect(await found({ after: 'TOKEN-4' })).toEqual(['token-5', 'token-6']);
  });

  it('can be of some entrances, and says nothing of them when they are too many for a filter', async () => {
    for (const letter of ['a', 'b', 'c']) await write(`token-${letter}`, { entrance: `entrance-${letter}` });
    const found = async (filter: object) =>
      names((await inventory.listRows({ registry, ...filter }, { pageSize: 100 })).items);
    const all = { after: 'token', status: 'active', expiresBefore: at(40 * day) };
    const ten = [...'acdefghijk'].map((letter) => `entrance-${letter}`);
    expect(await found({ ...all, entrances: ['entrance-b'] })).toEqual(['token-b']);
    expect(await found({ ...all, entrances: ten })).toEqual(['token-a', 'token-c']);
    expect(await found({ ...all, entrances: [...ten, 'entrance-l'] })).toEqual([
      'token-a',
      'token-b',
      'token-c',
    ]);
  });
});

it("counts a registry's managed tokens, all who ask at once together", async () => {
  await write('team-a');
  await write('team-b', { status: 'disabled' });
  await write('team-c', { status: 'deleted' });
  await write('team-d', { status: 'none' });
  const counts = await Promise.all([inventory.countManaged(registry), inventory.countManaged(registry)]);
  expect(counts).toEqual([2, 2]);
  await write('team-e');
  expect(await inventory.countManaged(registry)).toBe(2);
});

describe("an entrance's tokens", () => {
  it('are counted but for those that are deleted, no further than needed', async () => {
    await write('token-1');
    await write('token-2', { status: 'revoked' });
    await write('token-3', { status: 'deleted' });
    await write('token-4', { entrance: 'other' });
    const asked = { registry, token: 'token-5' };
    expect(await inventory.countTokens(`entrance-${number}`, 100, asked)).toBe(2);
    expect(await inventory.countTokens(`entrance-${number}`, 1, asked)).toBe(1);
  });

  it('are counted with those that were marked as requested before, where not all fit', async () => {
    const entrance = `entrance-${number}`;
    await write('token-1');
    for (const token of ['token-4', 'token-2', 'token-3']) {
      await inventory.markPending(registry, token, at(minute), entrance);
      await inventory.markPending(registry, token, at(2 * minute), entrance);
    }
    await inventory.markPending(registry, 'token-5', at(minute));
    const before = ['token-4', 'token-2', 'token-3', 'token-5'].map((token) =>
      inventory.countTokens(entrance, 4, { registry, token }),
    );
    expect(await Promise.all(before)).toEqual([1, 2, 3, 4]);
  });
});

describe("an entrance's requests", () => {
  const index = () => new RequestIndexTable(storage.tables.requests, systemClock);
  const add = (key: string, enqueuedAt: string, entrance = `entrance-${number}`) =>
    index().addRequest({ entrance, key, token: identity, enqueuedAt });

  it('are found by their key', async () => {
    await add('abc', start);
    expect(await index().findRequest(`entrance-${number}`, 'abc')).toEqual(identity);
    expect(await index().findRequest(`entrance-${number}`, 'abd')).toBeUndefined();
    expect(await index().findRequest('other', 'abc')).toBeUndefined();
  });

  it('are counted over an hour, whichever hours it touches, each once', async () => {
    await add('a', at(-hour));
    await add('b', at(1 - hour));
    await add('c', at(-minute));
    await add('c', at(-minute));
    await add('d', at(0));
    await add('e', at(1));
    await add('f', at(-minute), 'other');
    const count = (limit: number) => index().countRequests(`entrance-${number}`, at(-hour), at(0), limit);
    expect(await count(100)).toBe(3);
    expect(await count(2)).toBe(2);
  });
});
