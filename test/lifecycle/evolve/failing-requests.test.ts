import { describe, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import type { Failure } from '../../../src/lifecycle/state.ts';
import { remedyOf, type stepFailures } from '../../../src/lifecycle/step-failures.ts';
import { at, command, day, hour, minute, second, start } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, reissue, type Table } from './expectations.ts';

const request = referenceTo(
  command('keyturn.token.requested', 0, { owner: 'team-web', access: { scopeMap: 'shared-read' } }),
);
const enable = referenceTo(command('keyturn.token.enable-requested', 0, { reason: 'go on' }));
const reinstate = referenceTo(command('keyturn.token.reinstatement-requested', 0, { reason: 'found' }));

const provision = { kind: 'provision', command: request, reissue: { ...reissue, generation: 1 } } as const;

function failed(code: keyof typeof stepFailures, retryAt?: string) {
  return [{ kind: 'issueCredential' as const, ok: false as const, code, ...(retryAt ? { retryAt } : {}) }];
}

function failure(changes: Partial<Failure> = {}): Failure {
  return { since: start, attempts: 1, code: 'unavailable', retryAt: at(minute), ...changes };
}

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

function toDo(code: keyof typeof stepFailures): string {
  const remedy = remedyOf(code);
  return remedy.remedy === 'person' ? remedy.toDo : '';
}

describe('a request that fails', () => {
  it.each(Object.entries(requests))('%s', (_sentence, row) => check(row));
});
