import { describe, it } from 'vitest';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import { nextRotation, overdueWarning } from '../../../src/lifecycle/schedule.ts';
import { active, at, credential, day, hour, identity, managed, second } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const endOfLife = at(50 * day);
/** Its password lasts until its end of life, so it is not rotated any more. */
const lastMonths = active({
  managed: managed({ endOfLife }),
  credentials: { password1: credential(0, { expiresAt: endOfLife }) },
});
const warned = { ...lastMonths, warned: { endOfLife } };

const ends: Table = {
  'is announced one overlap before, not a millisecond sooner': {
    state: lastMonths,
    now: at(36 * day - 1),
    expect: { waitUntil: at(36 * day) },
  },
  'is announced to the moment': {
    state: lastMonths,
    now: at(36 * day),
    expect: { work: { kind: 'warn', about: 'endOfLife', deadline: endOfLife } },
  },
  'is announced once': { state: warned, now: at(36 * day), expect: { waitUntil: endOfLife } },
  'is announced again when it was moved': {
    state: { ...warned, managed: managed({ endOfLife: at(49 * day) }) },
    now: at(36 * day),
    expect: { work: { kind: 'warn', about: 'endOfLife', deadline: at(49 * day) } },
  },
  'comes to the moment, and costs nothing: the password ends by itself': {
    state: warned,
    now: endOfLife,
    expect: { work: { kind: 'expire' }, steps: [] },
  },
  'turns the token off if it was brought forward and a password would outlive it': {
    state: { ...warned, managed: managed({ endOfLife: at(40 * day) }) },
    now: at(40 * day),
    expect: { work: { kind: 'expire' }, steps: [{ kind: 'setTokenStatus', input: { enabled: false } }] },
  },
  'goes before a rotation that is due too': {
    state: active({ managed: managed({ endOfLife: at(60 * day) }) }),
    now: at(60 * day),
    expect: { work: { kind: 'expire' }, steps: ['setTokenStatus'] },
  },
  'does not come for a disabled token': {
    state: inStatus('disabled', { managed: managed({ endOfLife }) }),
    now: at(60 * day),
    expect: { waitUntil: undefined },
  },
};

const due = nextRotation(credential(0), managed().schedule, undefined, identity.token) ?? '';
const runsOut = at(74 * day);
const halfWay = overdueWarning(due, runsOut);
const nextTry = at(73 * day);
/** Its rotation fails, and is tried again much later. */
const failing = active({
  failures: { rotate: { since: due, attempts: 9, code: 'unavailable', retryAt: nextTry } },
});
const toldOnce = { ...failing, warned: { overdue: runsOut } };
const lateTry = {
  ...toldOnce,
  failures: { rotate: { since: due, attempts: 9, code: 'refused', retryAt: at(99 * day) } },
};

const overdue: Table = {
  'is not told while half of its time is left': {
    state: failing,
    now: plus(halfWay, -1),
    expect: { waitUntil: halfWay },
  },
  'is told when half of its time is gone': {
    state: failing,
    now: halfWay,
    expect: { work: { kind: 'warn', about: 'overdue', deadline: runsOut } },
  },
  'is told once': { state: toldOnce, now: halfWay, expect: { waitUntil: nextTry } },
  'is not told if it can be mended now': {
    state: failing,
    now: nextTry,
    expect: { work: { kind: 'rotate' }, steps: ['issueCredential'] },
  },
  'is told again when the password has run out': {
    state: lateTry,
    now: runsOut,
    expect: { work: { kind: 'warn', about: 'ranOut', deadline: runsOut } },
  },
  'and not a second sooner': { state: lateTry, now: at(74 * day - second), expect: { waitUntil: runsOut } },
  'is not told of a token that is disabled': {
    state: inStatus('disabled', { failures: failing.failures }),
    now: at(75 * day),
    expect: { waitUntil: undefined },
  },
};

const parked: Table = {
  'is looked at again a day later, and not sooner': {
    state: active({
      parked: { since: due, work: 'rotate', code: 'refused', toDo: 'Look.' },
      failures: { rotate: { since: due, attempts: 1, code: 'refused', retryAt: plus(due, day) } },
    }),
    now: plus(due, hour),
    expect: { waitUntil: plus(due, day) },
  },
};

describe("the end of a token's life", () => {
  it.each(Object.entries(ends))('%s', (_sentence, row) => check(row));
});

describe('a rotation that is overdue', () => {
  it.each(Object.entries(overdue))('%s', (_sentence, row) => check(row));
});

describe('a rotation that is parked', () => {
  it.each(Object.entries(parked))('%s', (_sentence, row) => check(row));
});
