import { describe, expect, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import type { Revocation } from '../../../src/lifecycle/state.ts';
import type { StepResult } from '../../../src/lifecycle/steps.ts';
import { active, at, command, credential, day, hour, minute, second, start } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, settle, type Table } from './expectations.ts';

const revoke = referenceTo(command('keyturn.token.revocation-requested', 0, { reason: 'leaked' }));
const work = { kind: 'revoke', command: revoke } as const;
const begun: Revocation = { command: revoke, since: start, attempts: 0, ended: false };
const replaced = credential(-60 * day, { slot: 'password2', supersededAt: start });

function did(parts: Omit<Extract<StepResult<'revoke'>, { ok: true }>, 'kind' | 'ok'>): StepResult[] {
  return [{ kind: 'revoke', ok: true, ...parts }];
}

const all = { disabledAt: at(1), secretOffAt: at(2), regeneratedAt: at(3) };

const table: Table = {
  'is revoked when it is disabled and its passwords are regenerated; whose were cut off is told, and what remains':
    {
      state: active({
        credentials: { password1: credential(0), password2: replaced },
        revocation: begun,
        deferredRotation: { command: revoke, compromised: false, notBefore: at(day) },
      }),
      work,
      results: did(all),
      now: at(minute),
      expect: {
        state: {
          status: 'revoked',
          since: at(minute),
          exposureUntil: at(3 * hour + 3),
          credentials: {},
          removed: false,
          applied: { status: { enqueuedAt: revoke.enqueuedAt } },
        },
        events: [
          [
            'warning revoked',
            {
              cause: 'request',
              reason: 'leaked',
              at: at(3),
              cutOff: [
                { slot: 'password1', at: at(3) },
                { slot: 'password2', at: at(3) },
              ],
              exposureUntil: at(3 * hour + 3),
            },
          ],
        ],
        outcomes: ['done'],
      },
    },
  'does not count a password that had ended before': {
    state: active({
      credentials: {
        password1: credential(0),
        password2: { ...replaced, retireAt: start, retiredAt: start },
      },
      revocation: begun,
    }),
    work,
    results: did(all),
    expect: {
      events: [['warning revoked', { cutOff: [{ slot: 'password1', at: at(3) }] }]],
      outcomes: ['done'],
    },
  },
  'is not revoked while a password may work; what is missing is told, and tried again in a second': {
    state: active({ revocation: begun }),
    work,
    results: did({ disabledAt: at(1), code: 'throttled' }),
    now: at(minute),
    expect: {
      state: {
        status: 'active',
        revocation: { disabledAt: at(1), attempts: 1, toldAt: at(minute) },
        failures: { revoke: { code: 'throttled', attempts: 1 } },
      },
      events: [
        [
          'critical revocation-incomplete',
          { missing: ['secretVersionOff', 'passwordsRegenerated'], since: start, attempts: 1 },
        ],
      ],
      failed: 'throttled',
    },
  },
  'is not told again within a quarter of an hour': {
    state: active({ revocation: { ...begun, attempts: 5, disabledAt: at(1), toldAt: start } }),
    work,
    results: [{ kind: 'revoke', ok: false, code: 'unavailable' }],
    now: at(15 * minute - 1),
    expect: { state: { revocation: { attempts: 6, disabledAt: at(1) } }, failed: 'unavailable' },
  },
  'is told again after that, without end': {
    state: active({ revocation: { ...begun, attempts: 500, disabledAt: at(1), toldAt: start } }),
    work,
    results: [{ kind: 'revoke', ok: false, code: 'unavailable' }],
    now: at(15 * minute),
    expect: {
      events: [['critical revocation-incomplete', { attempts: 501 }]],
      failed: 'unavailable',
    },
  },
  'adds up what several tries did': {
    state: active({
      revocation: { ...begun, attempts: 5, disabledAt: at(1), secretOffAt: at(1), toldAt: start },
    }),
    work,
    results: did({ regeneratedAt: at(minute) }),
    expect: {
      state: { status: 'revoked', failures: {} },
      events: [['warning revoked', { at: at(minute) }]],
      outcomes: ['done'],
    },
  },
  'is revoked although the secret is still on, and goes on with that': {
    state: active({ revocation: begun }),
    work,
    results: did({ disabledAt: at(1), regeneratedAt: at(3), code: 'unavailable' }),
    expect: {
      state: { status: 'revoked', revocation: { ended: true, disabledAt: at(1), regeneratedAt: at(3) } },
      events: [['warning revoked'], ['critical revocation-incomplete', { missing: ['secretVersionOff'] }]],
      outcomes: ['done'],
      failed: 'unavailable',
    },
  },
  'has one outcome, however many tries came after it': {
    state: inStatus('revoked', {
      revocation: {
        ...begun,
        attempts: 1,
        ended: true,
        disabledAt: at(1),
        regeneratedAt: at(3),
        toldAt: start,
      },
    }),
    work,
    results: did({ secretOffAt: at(hour) }),
    now: at(hour),
    expect: { state: { status: 'revoked', since: start } },
  },
  'stays deleted if it was deleted': {
    state: inStatus('revoked', { removed: true, revocation: begun }),
    work,
    results: did(all),
    expect: {
      state: { status: 'revoked', removed: true },
      events: [['warning revoked']],
      outcomes: ['done'],
    },
  },
};

describe('a token that is being revoked', () => {
  it.each(Object.entries(table))('%s', (_sentence, row) => check(row));

  it('is tried again between a second and a minute later, and never given up', () => {
    for (const [attempts, most] of [
      [0, second],
      [3, 8 * second],
      [10_000, minute],
    ] as const) {
      const state = active({ revocation: { ...begun, attempts, toldAt: start } });
      const result: StepResult = { kind: 'revoke', ok: false, code: 'accessDenied' };
      const after = settle({ state, work, results: [result], now: at(minute) }).state;
      const retryAt = after.failures.revoke?.retryAt ?? '';
      expect(retryAt > at(minute)).toBe(true);
      expect(retryAt <= at(minute + most)).toBe(true);
    }
  });

  it('owes nothing more once everything is done', () => {
    const { state } = settle({ state: active({ revocation: begun }), work, results: did(all) });
    expect(state).toMatchObject({ status: 'revoked', revocation: undefined });
  });
});
