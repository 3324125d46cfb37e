import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { TokenRecordsTable } from '../../src/adapters/token-records-table.ts';
import { buildEvent } from '../../src/contracts/events.ts';
import type { CommandOutcome, Settlement } from '../../src/lifecycle/settlement.ts';
import type { TokenIdentity, TokenState } from '../../src/lifecycle/state.ts';
import { newState } from '../../src/lifecycle/state.ts';
import type { AcceptedCommand } from '../../src/ports/token-records.ts';
import { active, command, start } from '../lifecycle/build.ts';
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

const state = (plan: number, settled = plan): TokenState => ({ ...active(), identity: token, plan, settled });

function accepted(key: string, changes: Partial<AcceptedCommand> = {}): AcceptedCommand {
  return {
    key,
    entrance: 'token-requests',
    enqueuedAt: start,
    sequenceNumber: '9007199254740993',
    command: command('keyturn.token.disable-requested', 0, { reason: 'asked' }).command,
    digest: 'a',
    acceptedAt: start,
    ...changes,
  };
}

const outcome = (key: string, status: CommandOutcome['status'] = 'done'): CommandOutcome => ({
  key,
  status,
  at: start,
});
const event = (id: string) =>
  buildEvent(
    {
      type: 'keyturn.token.request-denied',
      severity: 'warning',
      data: {
        registry: token.registry,
        loginServer: token.loginServer,
        token: token.token,
        rule: 'sourceNotAllowed',
      },
    },
    id,
    start,
  );

function settlement(plan: number, changes: Partial<Settlement> = {}): Settlement {
  return {
    state: state(plan),
    events: [],
    outcomes: [],
    history: [{ at: start, plan, work: 'disable', result: 'done', incarnation: 1, generation: 1 }],
    ...changes,
  };
}
const inject = (effect: Parameters<typeof storage.keyturn.inject>[0], match: string, times?: number) =>
  storage.keyturn.inject(effect, match, times);
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
