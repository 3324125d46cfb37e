import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../src/lifecycle/settlement.ts';
import { newState, type TokenState } from '../../src/lifecycle/state.ts';
import type { RecordRemains } from '../../src/ports/retention.ts';
import { isForgettable, outlivedHistory } from '../../src/retention/outlived.ts';
import { repetitions } from '../counts.ts';
import { at, day, identity } from '../lifecycle/build.ts';
import { inStatus } from '../lifecycle/build-states.ts';

const before = at(100 * day);
const clockNow = at(500 * day);

function entry(plan: number, on: number, changes: Partial<HistoryEntry> = {}) {
  const done = { work: 'rotate', result: 'done', incarnation: 1, generation: 1 } as const;
  return { key: `history-${plan}`, etag: 'e', entry: { at: at(on * day), plan, ...done, ...changes } };
}

function keysOf(history: RecordRemains['history']): string[] {
  return outlivedHistory(history, before).map(({ key }) => key);
}

describe('the history that need not be kept', () => {
  it('is what was done before, and not since', () => {
    expect(keysOf([entry(3, 100), entry(2, 99), entry(1, 1)])).toEqual(['history-2', 'history-1']);
  });

  it('is never the last that was done', () => {
    expect(keysOf([entry(1, 1)])).toEqual([]);
    expect(keysOf([entry(1, 1), entry(7, 2)])).toEqual(['history-1']);
  });

  it('is not what made the token, or restored its record; but what did not succeed is', () => {
    const history = [
      entry(9, 50),
      entry(3, 3, { work: 'recover' }),
      entry(2, 2, { work: 'provision' }),
      entry(1, 1, { work: 'provision', result: 'failed' }),
    ];
    expect(keysOf(history)).toEqual(['history-1']);
  });

  it('lies before what is kept, whatever there is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 30 }), (days) => {
        const history = days.sort((one, other) => one - other).map((on, index) => entry(index + 1, on));
        const outlived = new Set(keysOf(history));
        for (const { key, entry: each } of history)
          expect(outlived.has(key)).toBe(each.at < before && each.plan !== history.length);
      }),
      { numRuns: repetitions({ quick: 200, soak: 20_000 }) },
    );
  });
});

const deleted = inStatus('deleted', { plan: 4, settled: 4, since: at(50 * day) });

function remains(state: TokenState | undefined, changes: Partial<RecordRemains> = {}): RecordRemains {
  const stored = state ? { stored: { state, etag: 'e' } } : {};
  return { ...stored, history: [entry(4, 50)], ended: [], empty: [], waits: false, ...changes };
}

const rows: Readonly<Record<string, { readonly given: RecordRemains; readonly expect: boolean }>> = {
  'a token that was deleted long ago can be forgotten': { given: remains(deleted), expect: true },
  'one that was deleted since cannot': {
    given: remains({ ...deleted, since: at(100 * day) }),
    expect: false,
  },
  'one with which something was done since cannot': {
    given: remains(deleted, { history: [entry(4, 101)] }),
    expect: false,
  },
  'one whose history is gone already can, since a run may have been cut off': {
    given: remains(deleted, { history: [] }),
    expect: true,
  },
  'one for which something waits cannot': { given: remains(deleted, { waits: true }), expect: false },
  'one with a plan under way cannot': { given: remains({ ...deleted, plan: 5 }), expect: false },
  'one that promised to act cannot': { given: remains({ ...deleted, lookAt: at(0) }), expect: false },
  'one that somebody works on cannot': {
    given: remains(deleted, { lease: { key: 'lease', etag: 'e', until: at(501 * day) } }),
    expect: false,
  },
  'one whose lease ended long ago can': {
    given: remains(deleted, { lease: { key: 'lease', etag: 'e', until: at(50 * day) } }),
    expect: true,
  },
  'a name that never had a token can, when nothing was done with it for long': {
    given: remains({ ...newState(identity), plan: 1, settled: 1 }, { history: [entry(1, 99)] }),
    expect: true,
  },
  'a name that somebody asked for in vain since then cannot': {
    given: remains({ ...newState(identity), plan: 1, settled: 1 }, { history: [entry(1, 100)] }),
    expect: false,
  },
  'what is left of a run that was cut off can': { given: remains(undefined, { history: [] }), expect: true },
  ...Object.fromEntries(
    (['provisioning', 'active', 'disabled', 'expired', 'revoked'] as const).map((status) => [
      `a token that is ${status} cannot`,
      { given: remains({ ...inStatus(status), plan: 4, settled: 4 }), expect: false },
    ]),
  ),
  'a revoked token that was deleted cannot, since a request could bring it back': {
    given: remains(inStatus('revoked', { removed: true, plan: 4, settled: 4 })),
    expect: false,
  },
};

describe('whether a name can be forgotten', () => {
  it.each(Object.entries(rows))('%s', (_sentence, row) => {
    expect(isForgettable(row.given, before, clockNow)).toBe(row.expect);
  });
});
