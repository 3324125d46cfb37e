import { describe, it } from 'vitest';
import { internalEntrance } from '../../../src/contracts/internal-commands.ts';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import type { Facts } from '../../../src/lifecycle/facts.ts';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import { spread } from '../../../src/lifecycle/spread.ts';
import { active, at, command, credential, day, hour, identity, managed, minute } from '../build.ts';
import { allowAll } from '../model/allow-all.ts';
import { check, type Table } from './expectations.ts';
import { due, freeAt, rotated } from './rotation-examples.ts';

/** Every night from 20:00 to midnight, which is 8 hours after the moment that examples count from. */
const nightly = [{ from: '20:00', to: '00:00', timeZone: 'UTC' }];
const rules = { disableSecret: true, rotateOnScopeMapChange: false, rotationWindows: nightly };
const facts = { rules } satisfies Partial<Facts>;

/** The token's own turn in the window of a day. */
const turnOn = (days: number) => at(days * day + 8 * hour + Math.floor(3 * hour * spread(identity.token)));
const dueDay = Math.floor((Date.parse(due) - Date.parse(at(0))) / day);
const dueTurn = [turnOn(dueDay), turnOn(dueDay + 1)].find((turn) => turn >= due) ?? '';
const nextTurn = plus(dueTurn, day);

const failing = (retryAt: string) =>
  active({ failures: { rotate: { since: due, attempts: 1, code: 'unavailable', retryAt } } });

const scheduled: Table = {
  'waits for its turn in the next window': {
    state: active(),
    facts,
    now: due,
    expect: { waitUntil: dueTurn },
  },
  'waits for it from the beginning, so that nobody looks in between': {
    state: active(),
    facts,
    now: at(day),
    expect: { waitUntil: dueTurn },
  },
  'is not there a millisecond before': {
    state: active(),
    facts,
    now: plus(dueTurn, -1),
    expect: { waitUntil: dueTurn },
  },
  'comes to the moment': {
    state: active(),
    facts,
    now: dueTurn,
    expect: { work: { kind: 'rotate', cause: 'schedule' }, steps: ['issueCredential'] },
  },
  'waits for the next window if this one was missed': {
    state: active(),
    facts,
    now: plus(dueTurn, 8 * hour),
    expect: { waitUntil: nextTurn },
  },
  'is tried again in the same window': {
    state: failing(plus(dueTurn, 10 * minute)),
    facts,
    now: plus(dueTurn, 10 * minute),
    expect: { work: { kind: 'rotate' }, steps: ['issueCredential'] },
  },
  'is tried again in the next window if the time for that is outside': {
    state: failing(plus(dueTurn, 5 * hour)),
    facts,
    now: plus(dueTurn, hour),
    expect: { waitUntil: nextTurn },
  },
};

/** Its password ends before a weekly window opens. */
const pressed = active({
  managed: managed({ schedule: { profile: 'live', rotateEvery: 'P3D', overlap: 'PT24H' } }),
  credentials: { password1: credential(0, { expiresAt: at(4 * day) }) },
});
const weekly = [{ days: ['sat' as const], from: '20:00', to: '00:00', timeZone: 'UTC' }];
const rarely = { facts: { rules: { ...rules, rotationWindows: weekly } } };
/** It opens eight hours after the beginning of day 54 of the token's life, before it is due, and of day 61. */
const fridays = { days: ['fri' as const], timeZone: 'UTC' };
const pressedDue = plus(at(3 * day), -7.2 * hour * (0.5 + spread(identity.token) / 2));
const deadline = at(4 * day);

const ignored: Table = {
  'is ignored, and that is told first': {
    state: pressed,
    ...rarely,
    now: pressedDue,
    expect: { work: { kind: 'ignoreWindow', due: pressedDue, opensAt: at(6 * day + 8 * hour), deadline } },
  },
  'is told once': {
    state: { ...pressed, warned: { rotationWindow: deadline } },
    ...rarely,
    now: pressedDue,
    expect: { work: { kind: 'rotate', reissue: { mayCutShort: false } }, steps: ['issueCredential'] },
  },
  'is ignored for the next try as well': {
    state: {
      ...pressed,
      warned: { rotationWindow: deadline },
      failures: {
        rotate: { since: pressedDue, attempts: 1, code: 'unavailable', retryAt: plus(pressedDue, hour) },
      },
    },
    ...rarely,
    now: plus(pressedDue, minute),
    expect: { waitUntil: plus(pressedDue, hour) },
  },
  'is told again of the next password': {
    state: { ...pressed, warned: { rotationWindow: at(day) } },
    ...rarely,
    now: pressedDue,
    expect: { work: { kind: 'ignoreWindow', deadline } },
  },
  'is ignored if the password that is replaced would not have its overlap, since it was not made for a wait':
    {
      state: active(),
      facts: { rules: { ...rules, rotationWindows: [{ ...fridays, from: '20:00', to: '00:00' }] } },
      now: due,
      expect: {
        work: { kind: 'ignoreWindow', due, opensAt: at(61 * day + 8 * hour), deadline: at(74 * day) },
      },
    },
  'is waited for as long as that has it': {
    state: active(),
    facts: {
      rules: {
        ...rules,
        rotationWindows: [{ ...fridays, days: ['wed' as const], from: '20:00', to: '00:00' }],
      },
    },
    now: due,
    expect: { waitUntil: at(59 * day + 8 * hour + Math.floor(3 * hour * spread(identity.token))) },
  },
  'has no say when the last chance has come, and nothing is told where it is open then': {
    state: pressed,
    facts: { rules: { ...rules, rotationWindows: [{ from: '00:00', to: '00:00', timeZone: 'UTC' }] } },
    now: at(3.9 * day),
    expect: { work: { kind: 'rotate' }, steps: ['issueCredential'] },
  },
};

const asked = command('keyturn.token.rotation-requested', 20 * day, { compromised: false });
const compromised = command('keyturn.token.rotation-requested', 20 * day, { compromised: true });
const posted = command(
  'keyturn.token.rotation-requested',
  20 * day,
  { compromised: false },
  { entrance: internalEntrance },
);
const given = (pending: typeof asked) => ({
  commands: [pending],
  facts: { ...facts, judgements: { [pending.key]: allowAll(pending, active()) } },
});
const putOff = (pending: typeof asked) =>
  active({
    deferredRotation: { command: referenceTo(pending), compromised: false, notBefore: at(20 * day) },
  });

const requested: Table = {
  'by a message goes ahead at once': {
    state: active(),
    ...given(asked),
    now: at(20 * day),
    expect: { work: { kind: 'rotate', cause: 'request' }, steps: ['issueCredential'] },
  },
  'of a compromised password goes ahead at once': {
    state: active(),
    ...given(compromised),
    now: at(20 * day),
    expect: { work: { kind: 'rotate', cause: 'compromised' }, steps: ['issueCredential'] },
  },
  'by a schedule is put off until its turn': {
    state: active(),
    ...given(posted),
    now: at(20 * day),
    expect: { work: { kind: 'deferRotation', cause: 'windowClosed', until: turnOn(20) } },
  },
  'by a schedule goes ahead when its turn is now': {
    state: active(),
    ...given(posted),
    now: turnOn(20),
    expect: { work: { kind: 'rotate', cause: 'request' }, steps: ['issueCredential'] },
  },
  'by a schedule goes ahead at once where there are no windows': {
    state: active(),
    commands: [posted],
    now: at(20 * day),
    expect: { work: { kind: 'rotate', cause: 'request' }, steps: ['issueCredential'] },
  },
  'by a schedule is pointless if the password was issued since': {
    state: active({ credentials: { password1: credential(20 * day + 1) } }),
    ...given(posted),
    now: at(20 * day + hour),
    expect: { work: { kind: 'supersede' } },
  },
  'by a schedule that was put off waits for a window': {
    state: putOff(posted),
    facts,
    now: at(20 * day),
    expect: { waitUntil: turnOn(20) },
  },
  'by a message that was put off does not': {
    state: putOff(asked),
    facts,
    now: at(20 * day),
    expect: { work: { kind: 'rotate', cause: 'request' }, steps: ['issueCredential'] },
  },
  'by a schedule waits for a free slot like any other': {
    state: { ...rotated, managed: managed() },
    commands: [
      command(
        'keyturn.token.rotation-requested',
        57 * day,
        { compromised: false },
        { entrance: internalEntrance },
      ),
    ],
    now: at(57 * day),
    expect: { work: { kind: 'deferRotation', cause: 'noSlotFree', until: freeAt } },
  },
};

describe('a scheduled rotation under rotation windows', () => {
  it.each(Object.entries(scheduled))('%s', (_sentence, row) => check(row));
});

describe('a window that opens too late', () => {
  it.each(Object.entries(ignored))('%s', (_sentence, row) => check(row));
});

describe('a rotation that was asked for under rotation windows', () => {
  it.each(Object.entries(requested))('%s', (_sentence, row) => check(row));
});
