import { describe, expect, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import { evolve } from '../../../src/lifecycle/evolve.ts';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import type { WorkPlan } from '../../../src/lifecycle/plan.ts';
import { nextRotation, overdueWarning } from '../../../src/lifecycle/schedule.ts';
import type { Failure } from '../../../src/lifecycle/state.ts';
import { remedyOf, stepFailures } from '../../../src/lifecycle/step-failures.ts';
import {
  active,
  at,
  command,
  credential,
  day,
  hour,
  identity,
  managed,
  minute,
  second,
  start,
} from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, issued, reissue, settle, type Table } from './expectations.ts';

const request = referenceTo(
  command('keyturn.token.requested', 0, { owner: 'team-web', access: { scopeMap: 'shared-read' } }),
);
const rotation = referenceTo(command('keyturn.token.rotation-requested', hour, { compromised: false }));
const enable = referenceTo(command('keyturn.token.enable-requested', 0, { reason: 'go on' }));
const reinstate = referenceTo(command('keyturn.token.reinstatement-requested', 0, { reason: 'found' }));

const provision = { kind: 'provision', command: request, reissue: { ...reissue, generation: 1 } } as const;
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

const requests: Table = {
  'keeps the status, and is tried again within a minute without a word': {
    state: inStatus('provisioning'),
    work: provision,
    results: failed('unavailable'),
    now: at(hour),
    expect: {
      state: {
        status: 'provisioning',
        failures: { [request.key]: { since: at(hour), attempts: 1, code: 'unavailable' } },
      },
      failed: 'unavailable',
    },
  },
  'is told of after ten minutes': {
    state: inStatus('provisioning', { failures: { [request.key]: failure({ attempts: 4 }) } }),
    work: provision,
    results: failed('unavailable'),
    now: at(10 * minute),
    expect: {
      state: {
        failures: {
          [request.key]: { since: start, attempts: 5, told: { severity: 'warning', at: at(10 * minute) } },
        },
      },
      events: [
        [
          'warning request-failed',
          { code: 'unavailable', since: start, attempts: 5, commandType: 'keyturn.token.requested' },
        ],
      ],
      failed: 'unavailable',
    },
  },
  'is not told of a moment sooner': {
    state: inStatus('provisioning', { failures: { [request.key]: failure({ attempts: 4 }) } }),
    work: provision,
    results: failed('unavailable'),
    now: at(10 * minute - 1),
    expect: { failed: 'unavailable' },
  },
  'is told of once': {
    state: inStatus('provisioning', {
      failures: { [request.key]: failure({ told: { severity: 'warning', at: at(10 * minute) } }) },
    }),
    work: provision,
    results: failed('unavailable'),
    now: at(5 * day),
    expect: { failed: 'unavailable' },
  },
  'comes back when the service asked for it': {
    state: inStatus('provisioning'),
    work: provision,
    results: failed('throttled', at(3 * hour)),
    expect: { state: { failures: { [request.key]: { retryAt: at(3 * hour) } } }, failed: 'throttled' },
  },
  'is planned again in a moment if something else came between, and that counts for nothing': {
    state: inStatus('provisioning', { failures: { [request.key]: failure({ attempts: 3 }) } }),
    work: provision,
    results: failed('revocationPending'),
    now: at(hour),
    expect: {
      state: { failures: { [request.key]: { attempts: 3, retryAt: at(hour + 5 * second) } } },
      failed: 'revocationPending',
    },
  },
  'waits as long as another attempt holds the lease': {
    state: inStatus('provisioning'),
    work: provision,
    results: failed('leaseTaken', at(8 * minute)),
    expect: { state: { failures: { [request.key]: { retryAt: at(8 * minute) } } }, failed: 'leaseTaken' },
  },
  'ends, and waits for a person, if it cannot succeed without one': {
    state: inStatus('provisioning'),
    work: provision,
    results: failed('secretNotOurs'),
    now: at(hour),
    expect: {
      state: {
        status: 'provisioning',
        failures: {},
        parked: { since: at(hour), work: 'provision', code: 'secretNotOurs' },
      },
      events: [['critical request-failed', { code: 'secretNotOurs', toDo: toDo('secretNotOurs') }]],
      outcomes: ['failed: secretNotOurs'],
      failed: 'secretNotOurs',
    },
  },
  'ends after seven days of trying': {
    state: inStatus('provisioning', { failures: { [request.key]: failure({ attempts: 170 }) } }),
    work: provision,
    results: failed('accessDenied'),
    now: at(7 * day),
    expect: {
      state: { parked: { code: 'accessDenied' } },
      events: [['critical request-failed']],
      outcomes: ['failed: accessDenied'],
      failed: 'accessDenied',
    },
  },
  'does not end a moment sooner': {
    state: inStatus('provisioning', {
      failures: { [request.key]: failure({ told: { severity: 'warning', at: start } }) },
    }),
    work: provision,
    results: failed('accessDenied'),
    now: at(7 * day - 1),
    expect: { failed: 'accessDenied' },
  },
  'of a name without a token says what stands in its way': {
    state: inStatus('deleted'),
    work: { kind: 'judge', command: request },
    blocked: { code: 'tokenNotOurs' },
    expect: {
      state: { status: 'deleted' },
      events: [['critical request-failed', { code: 'tokenNotOurs' }]],
      outcomes: ['failed: tokenNotOurs'],
      failed: 'tokenNotOurs',
    },
  },
  'of a token that a policy in Azure disables leaves it disabled, and says so': {
    state: inStatus('provisioning'),
    work: provision,
    results: [{ kind: 'createToken', ok: false, code: 'disabledByPolicy' }],
    now: at(hour),
    expect: {
      state: { status: 'disabled', since: at(hour), parked: { code: 'disabledByPolicy' } },
      events: [
        ['critical request-failed', { code: 'disabledByPolicy', toDo: toDo('disabledByPolicy') }],
        ['critical disabled', { cause: 'outOfBand', at: at(hour) }],
      ],
      outcomes: ['failed: disabledByPolicy'],
      failed: 'disabledByPolicy',
    },
  },
  'to enable what a policy disables leaves it disabled': {
    state: inStatus('disabled'),
    work: { kind: 'enable', command: enable },
    results: [{ kind: 'setTokenStatus', ok: false, code: 'disabledByPolicy' }],
    expect: {
      state: { status: 'disabled' },
      events: [['critical request-failed']],
      outcomes: ['failed: disabledByPolicy'],
      failed: 'disabledByPolicy',
    },
  },
  'to reinstate cuts the token off again, in case it came half way': {
    state: inStatus('revoked'),
    work: { kind: 'reinstate', command: reinstate, reissue },
    results: failed('secretNotOurs'),
    now: at(hour),
    expect: {
      state: { status: 'revoked', revocation: { since: at(hour), attempts: 0, ended: true } },
      events: [['critical request-failed']],
      outcomes: ['failed: secretNotOurs'],
      failed: 'secretNotOurs',
    },
  },
};

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

describe('a request that fails', () => {
  it.each(Object.entries(requests))('%s', (_sentence, row) => check(row));
});

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
