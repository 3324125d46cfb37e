import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../../src/lifecycle/settlement.ts';
import type { ManagedState } from '../../../src/lifecycle/state.ts';
import { type Standing, standingAsOf } from '../../../src/operations/report/standing-as-of.ts';
import { repetitions } from '../../counts.ts';
import { active, at, credential, day } from '../../lifecycle/build.ts';
import { inStatus } from '../../lifecycle/build-states.ts';

type Brief = Pick<HistoryEntry, 'work'> & Partial<HistoryEntry> & { readonly on: number };

/** A history as it is kept, newest first; each entry goes on in the life and generation of the one before. */
function history(...briefs: readonly Brief[]): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const [index, { on, ...brief }] of briefs.entries()) {
    const { incarnation = 1, generation = 1, status = 'active' } = entries[0] ?? {};
    const carried = { plan: index + 1, result: 'done', incarnation, generation, status } as const;
    entries.unshift({ at: at(on * day), ...carried, ...brief });
  }
  return entries;
}

const provisioned: Brief = { on: 0, work: 'provision' };
const rotated: Brief = { on: 56, work: 'rotate', generation: 2 };
const state = active({
  generation: 2,
  published: 'password2',
  credentials: {
    password1: credential(0),
    password2: credential(56 * day, { generation: 2, slot: 'password2', publishedAt: at(56 * day) }),
  },
});

interface Row {
  readonly state?: ManagedState;
  readonly history: readonly HistoryEntry[];
  readonly on: number | undefined;
  readonly expect: Partial<Standing> | undefined;
}

const rows: Readonly<Record<string, Row>> = {
  'a token is shown from the moment when it was made': {
    history: history(provisioned, rotated),
    on: 0,
    expect: { status: 'active', created: { at: at(0) }, changedSince: undefined },
  },
  'a token that was made later is left out': {
    history: history({ ...provisioned, on: 3 }, rotated),
    on: 2,
    expect: undefined,
  },
  'of a moment, the last rotation is the last one before it': {
    history: history(provisioned, rotated),
    on: 57,
    expect: { lastRotated: at(56 * day) },
  },
  'of a moment before any rotation, the password is that of the beginning': {
    history: history(provisioned, rotated),
    on: 55,
    expect: { lastRotated: at(60_000) },
  },
  'now, the record says what the status is': {
    state: inStatus('disabled'),
    history: history(provisioned),
    on: undefined,
    expect: { status: 'disabled', changedSince: undefined },
  },
  'the status was what the history says, and not what it is now': {
    history: history(
      provisioned,
      { on: 5, work: 'disable', status: 'disabled' },
      { on: 9, work: 'enable', status: 'active' },
    ),
    on: 7,
    expect: { status: 'disabled' },
  },
  'a token that was deleted later is shown as it was': {
    state: inStatus('deleted'),
    history: history(provisioned, rotated, { on: 70, work: 'delete', status: 'deleted' }),
    on: 60,
    expect: { status: 'active', created: { at: at(0) }, lastRotated: at(56 * day), changedSince: undefined },
  },
  'a token that was deleted before is left out': {
    state: inStatus('deleted'),
    history: history(provisioned, { on: 50, work: 'delete', status: 'deleted' }),
    on: 60,
    expect: undefined,
  },
  'a deleted token is left out of a report of now': {
    state: inStatus('deleted'),
    history: history(provisioned, { on: 50, work: 'delete', status: 'deleted' }),
    on: undefined,
    expect: undefined,
  },
  'a revoked token that was deleted since is left out, though its status is revoked': {
    state: inStatus('revoked', { removed: true }),
    history: history(
      provisioned,
      { on: 5, work: 'revoke', status: 'revoked' },
      { on: 6, work: 'delete', status: 'revoked' },
    ),
    on: 7,
    expect: undefined,
  },
  'a name in its second life is shown as it was in its first, and that what is known now need not have been so':
    {
      state: active({ incarnation: 2 }),
      history: history(
        provisioned,
        { on: 10, work: 'delete', status: 'deleted' },
        { on: 20, work: 'provision', incarnation: 2, status: 'active' },
      ),
      on: 5,
      expect: { status: 'active', created: { at: at(0) }, lastRotated: at(0), changedSince: at(20 * day) },
    },
  'between two lives there is nothing to show': {
    state: active({ incarnation: 2 }),
    history: history(
      provisioned,
      { on: 10, work: 'delete', status: 'deleted' },
      { on: 20, work: 'provision', incarnation: 2, status: 'active' },
    ),
    on: 15,
    expect: undefined,
  },
  'a change of access since then is told': {
    history: history(provisioned, { on: 8, work: 'converge' }, { on: 9, work: 'converge' }),
    on: 7,
    expect: { changedSince: at(8 * day) },
  },
  'work that failed has changed nothing': {
    history: history(provisioned, { on: 8, work: 'converge', result: 'failed' }),
    on: 7,
    expect: { changedSince: undefined },
  },
  'whether a token was there before its history begins is not known, so it is shown': {
    history: history({ on: 30, work: 'warn' }),
    on: 7,
    expect: { status: 'unknown', created: undefined, lastRotated: undefined, changedSince: at(30 * day) },
  },
  'of a history that was cut off, the beginning is only known to lie before': {
    history: history({ on: 30, work: 'warn' }, rotated),
    on: 40,
    expect: { status: 'active', created: { noLaterThan: at(30 * day) } },
  },
  'a record that was restored proves nothing of before': {
    history: history({ on: 30, work: 'recover' }),
    on: 31,
    expect: { status: 'active', created: { noLaterThan: at(30 * day) }, lastRotated: at(60_000) },
  },
  'what an earlier release wrote does not tell the status': {
    history: history(provisioned).map(({ status, ...entry }) => entry),
    on: 1,
    expect: { status: 'unknown', created: { at: at(0) } },
  },
  'a request that failed at first has made the token when it succeeded': {
    history: history(
      { on: 0, work: 'provision', result: 'failed', generation: 0, status: 'provisioning' },
      { on: 1, work: 'provision', generation: 1, status: 'active' },
    ),
    on: 2,
    expect: { created: { at: at(day) } },
  },
};

describe('how a token stood at a moment', () => {
  it.each(Object.entries(rows))(
    '%s',
    (_sentence, { state: present = state, history, on, expect: wanted }) => {
      const standing = standingAsOf(present, history, on === undefined ? undefined : at(on * day));
      if (wanted === undefined) expect(standing).toBeUndefined();
      else expect(standing).toMatchObject(wanted);
    },
  );

  it('does not depend on the order of the history, nor on what came later, but for what changed since', () => {
    const works = ['rotate', 'disable', 'enable', 'converge', 'warn', 'deny'] as const;
    const anyWorks = fc.array(fc.constantFrom(...works), { maxLength: 12 });
    fc.assert(
      fc.property(anyWorks, anyWorks, fc.boolean(), (before, later, reversed) => {
        const briefs = [...before, ...later].map((work, index): Brief => {
          const changed =
            work === 'disable' ? { status: 'disabled' as const } : { status: 'active' as const };
          return { on: index + 1, work, ...changed, ...(work === 'rotate' ? { generation: index + 2 } : {}) };
        });
        const all = history(provisioned, ...briefs);
        const moment = at((before.length + 0.5) * day);
        const kept = all.filter(({ at: when }) => when <= moment);
        const whole = standingAsOf(active({ credentials: {} }), reversed ? all.toReversed() : all, moment);
        const part = standingAsOf(active({ credentials: {} }), kept, moment);
        expect({ ...whole, changedSince: undefined }).toEqual({ ...part, changedSince: undefined });
        expect(whole?.changedSince !== undefined).toBe(later.includes('converge'));
      }),
      { numRuns: repetitions({ quick: 300, soak: 10_000 }) },
    );
  });
});
