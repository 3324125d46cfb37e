import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TokenLeasesTable } from '../../src/adapters/token-leases-table.ts';
import type { TokenIdentity } from '../../src/lifecycle/state.ts';
import { at, minute, start } from '../lifecycle/build.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

let storage: TablesUnderTest;
let leases: TokenLeasesTable;
let token: TokenIdentity;
let now = start;
let number = 0;

beforeAll(async () => {
  storage = await startRecordTables();
  leases = new TokenLeasesTable(storage.tables.records, { now: () => new Date(now) });
});
afterAll(() => storage.keyturn.close());
beforeEach(() => {
  now = start;
  number += 1;
  token = { registry: 'contoso', loginServer: 'contoso.azurecr.io', token: `token-${number}` };
});

const until = at(10 * minute);
const take = (holder: string, end = until) => leases.takeLease(token, { holder, until: end });
async function taken(holder: string) {
  const answer = await take(holder);
  if (!answer.taken) throw new Error('The lease is not free.');
  return answer.lease;
}

describe('a lease', () => {
  it('that is free is taken, and then is not', async () => {
    expect(await take('one')).toMatchObject({ taken: true, lease: { holder: 'one', until } });
    expect(await take('two')).toEqual({ taken: false, until });
  });

  it('is taken by one of many who try at once', async () => {
    const tries = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((holder) => take(holder)));
    expect(tries.filter((answer) => answer.taken)).toHaveLength(1);
  });

  it('is free again at its end, and not a millisecond earlier', async () => {
    await taken('one');
    now = at(10 * minute - 1);
    expect((await take('two', at(20 * minute))).taken).toBe(false);
    now = until;
    expect((await take('two', at(20 * minute))).taken).toBe(true);
  });

  it('is renewed by its holder, as long as nobody else took it', async () => {
    const lease = await taken('one');
    now = at(11 * minute);
    const renewed = await leases.renewLease(lease, at(20 * minute));
    expect(renewed).toMatchObject({ holder: 'one', until: at(20 * minute) });
    expect(await take('two')).toEqual({ taken: false, until: at(20 * minute) });
  });

  it('that was lost is not renewed, and giving it back leaves it with its new holder', async () => {
    const lease = await taken('one');
    now = until;
    await take('two', at(20 * minute));
    expect(await leases.renewLease(lease, at(30 * minute))).toBeUndefined();
    await leases.releaseLease(lease);
    expect((await take('three')).taken).toBe(false);
  });

  it('is taken over from whoever holds it, or from nobody', async () => {
    const lease = await taken('one');
    const over = await leases.takeOverLease(token, { holder: 'revocation', until });
    expect(await leases.renewLease(lease, until)).toBeUndefined();
    expect(await leases.renewLease(over, at(12 * minute))).toMatchObject({ holder: 'revocation' });
    const other = { ...token, token: 'other-token' };
    expect(await leases.takeOverLease(other, { holder: 'revocation', until })).toMatchObject({ until });
  });

  it('that is given back is free, also when it is given back twice', async () => {
    const lease = await taken('one');
    await leases.releaseLease(lease);
    await leases.releaseLease(lease);
    expect((await take('two')).taken).toBe(true);
  });

  it.each(['before', 'after'] as const)(
    'is taken and renewed although connections drop %s the effect',
    async (when) => {
      storage.keyturn.inject({ kind: 'drop', when }, '^(POST|PUT) ');
      const lease = await taken('one');
      storage.keyturn.inject({ kind: 'drop', when }, '^(PUT|PATCH) ');
      const renewed = await leases.renewLease(lease, at(15 * minute));
      expect(renewed).toMatchObject({ until: at(15 * minute) });
      if (renewed) await leases.releaseLease(renewed);
      expect((await take('two')).taken).toBe(true);
    },
  );

  it('is gone with the row, and then is lost', async () => {
    const lease = await taken('one');
    await storage.tables.records.deleteEntity(`contoso.azurecr.io~${token.token}`, 'lease');
    expect(await leases.renewLease(lease, until)).toBeUndefined();
  });
});
