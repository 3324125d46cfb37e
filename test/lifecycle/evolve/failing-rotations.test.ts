import { describe, expect, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import { evolve } from '../../../src/lifecycle/evolve.ts';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import type { WorkPlan } from '../../../src/lifecycle/plan.ts';
import { nextRotation, overdueWarning } from '../../../src/lifecycle/schedule.ts';
import type { Failure } from '../../../src/lifecycle/state.ts';
import { remedyOf, stepFailures } from '../../../src/lifecycle/step-failures.ts';
import { active, at, command, credential, day, hour, identity, managed, minute, start } from '../build.ts';
import { check, issued, reissue, settle, type Table } from './expectations.ts';

const rotation = referenceTo(command('keyturn.token.rotation-requested', hour, { compromised: false }));

const scheduled = { kind: 'rotate', cause: 'schedule', reissue } as const;

function failed(code: keyof typeof stepFailures, retryAt?: string) {
  return [{ kind: 'issueCredential' as const, ok: false as const, code, ...(retryAt ? { retryAt } : {}) }];
}

function failure(changes: Partial<Failure> = {}): Failure {
  return { since: start, attempts: 1, code: 'unavailable', retryAt: at(minute), ...changes };
}

const due = nextRotation(credential(0), managed().schedule, undefined, identity.token) ?? '';
const runsOut = at(74 * day);
const half = plus(due, Math.ceil((Date.parse(runsOut) - Date.parse(due)) / 2));

const rotations: Table = {
  'is told with when the password ends, mildly while there is time': {
    state: active(),
    work: scheduled,
    results: failed('neverAccepted'),
    now: due,
    expect: {
      state: {
        status: 'active',
        published: 'password1',
        failures: { rotate: { attempts: 1, code: 'neverAccepted' } },
      },
      events: [['info rotation-failed', { code: 'neverAccepted', attempts: 1, deadline: runsOut }]],
      failed: 'neverAccepted',
    },
  },
  'is not told again while nothing is worse': {
    state: active({ failures: { rotate: failure({ told: { severity: 'info', at: due } }) } }),
    work: scheduled,
    results: failed('neverAccepted'),
    now: plus(half, -1),
    expect: { failed: 'neverAccepted' },
  },
  'becomes a warning when half of the time is gone, however many tries there were': {
    state: active({ failures: { rotate: failure({ told: { severity: 'info', at: due } }) } }),
    work: scheduled,
    results: failed('neverAccepted'),
    now: half,
    expect: { events: [['warning rotation-failed']], failed: 'neverAccepted' },
  },
  'becomes critical with a quarter left': {
    state: active({ failures: { rotate: failure({ told: { severity: 'warning', at: half } }) } }),
    work: scheduled,
    results: failed('neverAccepted'),
    now: at(73 * day),
    expect: { events: [['critical rotation-failed']], failed: 'neverAccepted' },
  },
  'is told every day when it is critical': {
    state: active({ failures: { rotate: failure({ told: { severity: 'critical', at: at(72 * day) } }) } }),
    work: scheduled,
    results: failed('neverAccepted'),
    now: at(73 * day),
    expect: { events: [['critical rotation-failed']], failed: 'neverAccepted' },
  },
  'waits without a word if no slot is free': {
    state: active(),
    work: scheduled,
    blocked: { code: 'noSlotFree', retryAt: plus(due, day) },
    now: due,
    expect: { state: { failures: { rotate: { retryAt: plus(due, day) } } }, failed: 'noSlotFree' },
  },
  'waits for a slot no longer than the published password can': {
    state: active(),
    work: scheduled,
    blocked: { code: 'noSlotFree', retryAt: at(99 * day) },
    now: due,
    expect: {
      state: { failures: { rotate: { retryAt: overdueWarning(due, runsOut) } } },
      failed: 'noSlotFree',
    },
  },
  'that needs a person is parked, and looked at again every day': {
    state: active(),
    work: scheduled,
    blocked: { code: 'tokenMissing' },
    now: due,
    expect: {
      state: {
        status: 'active',
        parked: { work: 'rotate', code: 'tokenMissing', toDo: toDo('tokenMissing') },
        failures: { rotate: { retryAt: plus(due, day) } },
      },
      events: [['warning rotation-failed', { code: 'tokenMissing', toDo: toDo('tokenMissing') }]],
      failed: 'tokenMissing',
    },
  },
  'on request ends when it needs a person': {
    state: active(),
    work: { ...scheduled, command: rotation },
    blocked: { code: 'disabledOutOfBand' },
    expect: {
      events: [['warning rotation-failed', { toDo: toDo('disabledOutOfBand') }]],
      outcomes: ['failed: disabledOutOfBand'],
      failed: 'disabledOutOfBand',
    },
  },
  "of an admin's password stores nothing and asks for a person": {
    state: active(),
    work: scheduled,
    results: failed('usernameMismatch'),
    now: due,
    expect: {
      state: { published: 'password1', parked: { code: 'usernameMismatch' } },
      events: [['warning rotation-failed', { code: 'usernameMismatch' }]],
      failed: 'usernameMismatch',
    },
  },
};

function toDo(code: keyof typeof stepFailures): string {
  const remedy = remedyOf(code);
  return remedy.remedy === 'person' ? remedy.toDo : '';
}

describe('a rotation that fails', () => {
  it.each(Object.entries(rotations))('%s', (_sentence, row) => check(row));

  it('is tried again in time: at most a quarter of what is left goes by', () => {
    const { state } = settle({
      state: active(),
      work: scheduled,
      results: failed('unavailable'),
      now: at(74 * day - hour),
    });
    expect(state.failures.rotate?.retryAt).toBe(
      [at(74 * day - 45 * minute), state.failures.rotate?.retryAt].sort()[0],
    );
  });

  it('begins to count anew after it had only to wait', () => {
    const waited = failure({ code: 'noSlotFree', attempts: 1, since: start });
    const { state } = settle({
      state: active({ failures: { rotate: waited } }),
      work: scheduled,
      results: failed('unavailable'),
      now: due,
    });
    expect(state.failures.rotate).toMatchObject({ since: due, attempts: 1 });
  });
});

describe('a plan', () => {
  const plan: WorkPlan = { kind: 'work', number: 5, plannedAt: start, work: scheduled, steps: [] };

  it.each([
    ['that was settled before', { plan: 5, settled: 5 }],
    ['that a newer one has taken the place of', { plan: 6, settled: 4 }],
  ])('%s changes nothing and tells nothing', (_name, numbers) => {
    const state = active(numbers);
    expect(evolve(state, plan, [issued(hour)], start)).toEqual({
      state,
      events: [],
      outcomes: [],
      history: [],
    });
  });

  it('whose results are missing is tried again', () => {
    const cut: WorkPlan = { ...plan, steps: [{ kind: 'deleteToken', input: {} }] };
    const { state } = evolve(active({ plan: 5, settled: 4 }), cut, [], start);
    expect(state.failures.rotate).toMatchObject({ code: 'unexpected' });
  });
});

describe('the codes of failures', () => {
  it('say what a person has to do wherever one is needed', () => {
    for (const remedy of Object.values(stepFailures)) {
      if (remedy.remedy === 'person') expect(remedy.toDo.length).toBeGreaterThan(30);
    }
  });

  it('of another release are tried again', () => {
    expect(remedyOf('somethingNew')).toEqual({ remedy: 'retry' });
    expect(remedyOf('toString')).toEqual({ remedy: 'retry' });
  });
});
