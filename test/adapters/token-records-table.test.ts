import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { TokenRecordsTable } from '../../src/adapters/token-records-table.ts';
import { newState, type TokenIdentity, type TokenState } from '../../src/lifecycle/state.ts';
import { active, start } from '../lifecycle/build.ts';
import { accepted, stateOf } from './build-records.ts';
import { failureOf } from './keyturn-cloud.ts';
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
const inject = (...fault: Parameters<typeof storage.keyturn.inject>) => storage.keyturn.inject(...fault);
const keysOfPending = async () => (await records.readPending(token)).map(({ key }) => key).sort();

describe('a state', () => {
  it('that nobody wrote is not there', async () => {
    expect(await records.readState(token)).toBeUndefined();
  });

  it('is read as it was written, whatever its size and the case of its name', async () => {
    const purpose = 'é€😀'.repeat(40_000);
    const large: TokenState = { ...active(), identity: token };
    large.managed = { ...large.managed, purpose };
    const saved = await records.saveState(large, undefined);
    expect(saved?.state).toEqual(large);
    expect(await records.readState({ ...token, token: token.token.toUpperCase() })).toEqual(saved);
  });

  it('is written by the first of two who read the same', async () => {
    const first = await records.saveState(newState(token), undefined);
    expect(await records.saveState(state(1), undefined)).toBeUndefined();
    const second = await records.saveState(state(1), first);
    expect(second).toBeDefined();
    expect(await records.saveState(state(2), first)).toBeUndefined();
    expect(await records.readState(token)).toEqual(second);
  });

  it('too large for a row is refused, and nothing is written', async () => {
    const huge: TokenState = { ...active(), identity: token };
    huge.managed = { ...huge.managed, purpose: 'x'.repeat(1_200_000) };
    expect(await failureOf(records.saveState(huge, undefined))).toMatchObject({ code: 'tooLarge' });
    expect(await records.readState(token)).toBeUndefined();
  });

  it.each(['create', 'update'] as const)('is ours also when the answer got lost (%s)', async (how) => {
    const earlier = how === 'update' ? await records.saveState(newState(token), undefined) : undefined;
    inject({ kind: 'drop', when: 'after' }, '^POST ');
    const saved = await records.saveState(state(1), earlier);
    expect(saved).toBeDefined();
    expect(await records.readState(token)).toEqual(saved);
    expect(await records.saveState(state(2), saved)).toBeDefined();
  });

  it('is written after a connection that dropped before anything happened', async () => {
    inject({ kind: 'drop', when: 'before' }, '^POST ');
    expect(await records.saveState(state(1), undefined)).toBeDefined();
  });

  it('is ours also when the answer was damaged', async () => {
    inject({ kind: 'damage', how: 'cut' }, '^POST ');
    const saved = await records.saveState(state(1), undefined);
    expect(await records.readState(token)).toEqual(saved);
  });
});

describe('a command', () => {
  it('is pending once it is inserted, in full', async () => {
    const sent = accepted('a');
    expect(await records.insertCommand(token, sent)).toBe('inserted');
    const { digest: _digest, acceptedAt: _acceptedAt, ...pending } = sent;
    expect(await records.readPending(token)).toEqual([pending]);
    expect(await records.readCommand(token, 'a')).toEqual({
      key: 'a',
      entrance: 'token-requests',
      source: sent.command.source,
      id: sent.command.id,
      type: 'keyturn.token.disable-requested',
      acceptedAt: start,
    });
  });

  it('is inserted once, and told apart from another one with its key', async () => {
    await records.insertCommand(token, accepted('a'));
    expect(await records.insertCommand(token, accepted('a', { sequenceNumber: '2' }))).toBe('duplicate');
    expect(await records.insertCommand(token, accepted('a', { digest: 'b' }))).toBe('differentContent');
    expect(await keysOfPending()).toEqual(['a']);
  });

  it('whose insertion got no answer is there, as a duplicate of itself', async () => {
    inject({ kind: 'drop', when: 'after' }, '^POST ');
    expect(await records.insertCommand(token, accepted('a'))).toBe('duplicate');
    expect(await keysOfPending()).toEqual(['a']);
  });

  it('that nobody sent is not there', async () => {
    expect(await records.readCommand(token, 'a')).toBeUndefined();
  });

  it('of another token is not pending here', async () => {
    await records.insertCommand({ ...token, token: `${token.token}0` }, accepted('a'));
    expect(await records.readPending(token)).toEqual([]);
  });
});

describe('storage that does not do what it is asked', () => {
  it('and is busy says so', async () => {
    inject({ kind: 'throttle', retryAfterSeconds: 9 }, '', 9);
    const failure = await failureOf(records.readState(token));
    expect(failure).toMatchObject({ service: 'records', code: 'throttled', status: 503 });
    expect(failure.retryAt).toBeDefined();
  });

  it('since it is unreachable is unavailable', async () => {
    storage.keyturn.cloud.faults.setReachable('storage', false);
    expect(await failureOf(records.readState(token))).toMatchObject({ code: 'unavailable' });
  });

  it('since the account was emptied gets its table again', async () => {
    await records.saveState(state(1), undefined);
    await storage.tables.records.deleteTable();
    expect(await records.readState(token)).toBeUndefined();
    await storage.tables.records.deleteTable();
    expect(await records.insertCommand(token, accepted('a'))).toBe('inserted');
  });
});
