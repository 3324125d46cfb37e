import { describe, expect, it } from 'vitest';
import { newState, type TokenState } from '../../src/lifecycle/state.ts';
import { active, start } from '../lifecycle/build.ts';
import { accepted, stateOf } from './build-records.ts';
import { failureOf } from './keyturn-cloud.ts';
import { useTokenRecords } from './use-token-records.ts';

const storage = useTokenRecords();

const state = (plan: number, settled = plan) => stateOf(storage.token, plan, settled);

describe('a state', () => {
  it('that nobody wrote is not there', async () => {
    expect(await storage.records.readState(storage.token)).toBeUndefined();
  });

  it('is read as it was written, whatever its size and the case of its name', async () => {
    const purpose = 'é€😀'.repeat(40_000);
    const large: TokenState = { ...active(), identity: storage.token };
    large.managed = { ...large.managed, purpose };
    const saved = await storage.records.saveState(large, undefined);
    expect(saved?.state).toEqual(large);
    expect(
      await storage.records.readState({ ...storage.token, token: storage.token.token.toUpperCase() }),
    ).toEqual(saved);
  });

  it('is written by the first of two who read the same', async () => {
    const first = await storage.records.saveState(newState(storage.token), undefined);
    expect(await storage.records.saveState(state(1), undefined)).toBeUndefined();
    const second = await storage.records.saveState(state(1), first);
    expect(second).toBeDefined();
    expect(await storage.records.saveState(state(2), first)).toBeUndefined();
    expect(await storage.records.readState(storage.token)).toEqual(second);
  });

  it('too large for a row is refused, and nothing is written', async () => {
    const huge: TokenState = { ...active(), identity: storage.token };
    huge.managed = { ...huge.managed, purpose: 'x'.repeat(1_200_000) };
    expect(await failureOf(storage.records.saveState(huge, undefined))).toMatchObject({ code: 'tooLarge' });
    expect(await storage.records.readState(storage.token)).toBeUndefined();
  });

  it.each(['create', 'update'] as const)('is ours also when the answer got lost (%s)', async (how) => {
    const earlier =
      how === 'update' ? await storage.records.saveState(newState(storage.token), undefined) : undefined;
    storage.inject({ kind: 'drop', when: 'after' }, '^POST ');
    const saved = await storage.records.saveState(state(1), earlier);
    expect(saved).toBeDefined();
    expect(await storage.records.readState(storage.token)).toEqual(saved);
    expect(await storage.records.saveState(state(2), saved)).toBeDefined();
  });

  it('is written after a connection that dropped before anything happened', async () => {
    storage.inject({ kind: 'drop', when: 'before' }, '^POST ');
    expect(await storage.records.saveState(state(1), undefined)).toBeDefined();
  });

  it('is ours also when the answer was damaged', async () => {
    storage.inject({ kind: 'damage', how: 'cut' }, '^POST ');
    const saved = await storage.records.saveState(state(1), undefined);
    expect(await storage.records.readState(storage.token)).toEqual(saved);
  });
});

describe('a command', () => {
  it('is pending once it is inserted, in full', async () => {
    const sent = accepted('a');
    expect(await storage.records.insertCommand(storage.token, sent)).toBe('inserted');
    const { digest: _digest, acceptedAt: _acceptedAt, ...pending } = sent;
    expect(await storage.records.readPending(storage.token)).toEqual([pending]);
    expect(await storage.records.readCommand(storage.token, 'a')).toEqual({
      key: 'a',
      entrance: 'token-requests',
      source: sent.command.source,
      id: sent.command.id,
      type: 'keyturn.token.disable-requested',
      acceptedAt: start,
    });
  });

  it('is inserted once, and told apart from another one with its key', async () => {
    await storage.records.insertCommand(storage.token, accepted('a'));
    expect(await storage.records.insertCommand(storage.token, accepted('a', { sequenceNumber: '2' }))).toBe(
      'duplicate',
    );
    expect(await storage.records.insertCommand(storage.token, accepted('a', { digest: 'b' }))).toBe(
      'differentContent',
    );
    expect(await storage.keysOfPending()).toEqual(['a']);
  });

  it('whose insertion got no answer is there, as a duplicate of itself', async () => {
    storage.inject({ kind: 'drop', when: 'after' }, '^POST ');
    expect(await storage.records.insertCommand(storage.token, accepted('a'))).toBe('duplicate');
    expect(await storage.keysOfPending()).toEqual(['a']);
  });

  it('that nobody sent is not there', async () => {
    expect(await storage.records.readCommand(storage.token, 'a')).toBeUndefined();
  });

  it('of another token is not pending here', async () => {
    await storage.records.insertCommand(
      { ...storage.token, token: `${storage.token.token}0` },
      accepted('a'),
    );
    expect(await storage.records.readPending(storage.token)).toEqual([]);
  });
});

describe('storage that does not do what it is asked', () => {
  it('and is busy says so', async () => {
    storage.inject({ kind: 'throttle', retryAfterSeconds: 9 }, '', 9);
    const failure = await failureOf(storage.records.readState(storage.token));
    expect(failure).toMatchObject({ service: 'records', code: 'throttled', status: 503 });
    expect(failure.retryAt).toBeDefined();
  });

  it('since it is unreachable is unavailable', async () => {
    storage.keyturn.cloud.faults.setReachable('storage', false);
    expect(await failureOf(storage.records.readState(storage.token))).toMatchObject({ code: 'unavailable' });
  });

  it('since the account was emptied gets its table again', async () => {
    await storage.records.saveState(state(1), undefined);
    await storage.tables.records.deleteTable();
    expect(await storage.records.readState(storage.token)).toBeUndefined();
    await storage.tables.records.deleteTable();
    expect(await storage.records.insertCommand(storage.token, accepted('a'))).toBe('inserted');
  });
});
