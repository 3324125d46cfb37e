import { describe, expect, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import { active, at, command, credential, day, hour, managed, minute, start } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, settle, type Table } from './expectations.ts';

const disable = referenceTo(command('keyturn.token.disable-requested', hour, { reason: 'pause' }));
const remove = referenceTo(command('keyturn.token.deletion-requested', hour, { reason: 'done' }));
const rotation = referenceTo(command('keyturn.token.rotation-requested', hour, { compromised: false }));
const request = referenceTo(
  command('keyturn.token.requested', hour, { owner: 'team-web', access: { scopeMap: 'shared-read' } }),
);
const orderOf = ({ enqueuedAt, sequenceNumber }: typeof disable) => ({ enqueuedAt, sequenceNumber });
const now = at(2 * hour);
const endOfLife = at(50 * day);
const off = { kind: 'setTokenStatus', ok: true, changed: true } as const;

const endings: Table = {
  'disabling: it is announced with the reason': {
    state: active(),
    work: { kind: 'disable', command: disable },
    results: [off],
    now,
    expect: {
      state: {
        status: 'disabled',
        since: now,
        published: 'password1',
        applied: { status: orderOf(disable) },
      },
      events: [
        ['warning disabled', { cause: 'request', reason: 'pause', at: now, command: { id: disable.id } }],
      ],
      outcomes: ['done'],
    },
  },
  'disabling a token that was disabled: it is done, and nothing new': {
    state: inStatus('disabled'),
    work: { kind: 'disable', command: disable },
    results: [off],
    now,
    expect: {
      state: { status: 'disabled', since: start, applied: { status: orderOf(disable) } },
      outcomes: ['done'],
    },
  },
  'disabling a token past its end of life: it stays expired': {
    state: inStatus('expired'),
    work: { kind: 'disable', command: disable },
    results: [off],
    expect: { state: { status: 'expired' }, outcomes: ['done'] },
  },
  'deleting: nothing is published any more': {
    state: active({ failures: { rotate: { since: start, attempts: 1, code: 'unavailable', retryAt: now } } }),
    work: { kind: 'delete', command: remove },
    now,
    expect: {
      state: {
        status: 'deleted',
        since: now,
        credentials: {},
        failures: {},
        applied: { existence: orderOf(remove) },
      },
      events: [['warning deleted', { cause: 'request', reason: 'done', at: now }]],
      outcomes: ['done'],
    },
  },
  'deleting a revoked token: it stays revoked, and is gone': {
    state: inStatus('revoked'),
    work: { kind: 'delete', command: remove },
    now,
    expect: {
      state: { status: 'revoked', since: start, removed: true },
      events: [['warning deleted']],
      outcomes: ['done'],
    },
  },
  'deleting a token while it is being revoked: it is revoked by that': {
    state: active({ revocation: { command: disable, since: start, attempts: 2, ended: false } }),
    work: { kind: 'delete', command: remove },
    now,
    expect: {
      state: {
        status: 'revoked',
        removed: true,
        exposureUntil: at(5 * hour),
        revocation: { ended: false },
      },
      events: [['warning deleted']],
      outcomes: ['done'],
    },
  },
  'giving up a token half made: its request is denied, and what was made is gone': {
    state: inStatus('provisioning'),
    work: { kind: 'abandon', command: request, rule: 'actionNotAllowed', detail: 'team/web content/write' },
    now,
    expect: {
      state: { status: 'deleted', since: now },
      events: [['warning request-denied', { rule: 'actionNotAllowed', detail: 'team/web content/write' }]],
      outcomes: ['denied: actionNotAllowed'],
    },
  },
  'the end of its life: it is expired, and that is told as what it is': {
    state: active({ managed: managed({ endOfLife }) }),
    work: { kind: 'expire' },
    now: endOfLife,
    expect: {
      state: { status: 'expired', since: endOfLife },
      events: [['critical expired', { cause: 'endOfLife', deadline: endOfLife }]],
    },
  },
  'ending a replaced password: nobody has to be told': {
    state: active({
      credentials: {
        password1: credential(0),
        password2: credential(0, { slot: 'password2', supersededAt: start, retireAt: at(hour) }),
      },
    }),
    work: { kind: 'retire', slot: 'password2' },
    results: [{ kind: 'retireSlot', ok: true, slot: 'password2', regenerated: true }],
    now,
    expect: { state: { credentials: { password2: { retiredAt: now } } } },
  },
  'warning of the end of life: once for this end': {
    state: active({ managed: managed({ endOfLife }) }),
    work: { kind: 'warn', about: 'endOfLife', deadline: endOfLife },
    expect: {
      state: { warned: { endOfLife } },
      events: [['warning expiring', { cause: 'endOfLife', deadline: endOfLife }]],
    },
  },
  'warning of an overdue rotation: once for this password': {
    state: active(),
    work: { kind: 'warn', about: 'overdue', deadline: at(74 * day) },
    expect: {
      state: { warned: { overdue: at(74 * day) } },
      events: [['warning expiring', { cause: 'rotationOverdue', deadline: at(74 * day) }]],
    },
  },
  'a password that ran out: consumers are left without one, although the token lives': {
    state: active(),
    work: { kind: 'warn', about: 'ranOut', deadline: at(74 * day) },
    expect: {
      state: { status: 'active', warned: { ranOut: at(74 * day) } },
      events: [['critical expired', { cause: 'rotationOverdue', deadline: at(74 * day) }]],
    },
  },
};

const closings: Table = {
  'a denied command: whoever sent it is told the rule, and nothing of whose the token is': {
    state: active(),
    work: {
      kind: 'deny',
      command: { ...remove, entrance: 'partners' },
      rule: 'ownedByAnother',
      detail: 'team-web',
    },
    expect: {
      state: { status: 'active', applied: {} },
      events: [
        ['warning request-denied', { rule: 'ownedByAnother', detail: 'team-web', entrance: 'partners' }],
      ],
      outcomes: ['denied: ownedByAnother'],
    },
  },
  'a denied command about a name without a token: what was sent before it will not make one': {
    state: inStatus('deleted', { applied: {} }),
    work: { kind: 'deny', command: remove, rule: 'noSuchToken', marksExistence: true },
    expect: {
      state: { applied: { existence: orderOf(remove) } },
      events: [['warning request-denied', { rule: 'noSuchToken' }]],
      outcomes: ['denied: noSuchToken'],
    },
  },
  'superseded commands: each has its outcome, and there is nothing to tell': {
    state: active(),
    work: { kind: 'supersede', commands: [request, rotation] },
    expect: { outcomes: ['superseded', 'superseded'] },
  },
  'a command that asked for what is so: it is done, and older ones will not undo it': {
    state: active(),
    work: { kind: 'acknowledge', command: request },
    expect: { state: { applied: { access: orderOf(request) } }, outcomes: ['done'] },
  },
  'a rotation that has to wait for a slot: until when is told, and remembered': {
    state: active(),
    work: {
      kind: 'deferRotation',
      command: rotation,
      compromised: false,
      cause: 'noSlotFree',
      until: at(day),
    },
    expect: {
      state: { deferredRotation: { notBefore: at(day), compromised: false, command: { key: rotation.key } } },
      events: [['info rotation-deferred', { until: at(day), cause: 'noSlotFree' }]],
      outcomes: ['deferred: noSlotFree'],
    },
  },
  'a rotation that has to wait for the token to be enabled: it is remembered, with what it asked for': {
    state: inStatus('disabled'),
    work: {
      kind: 'deferRotation',
      command: rotation,
      compromised: true,
      previousValidFor: 'PT0S',
      cause: 'tokenDisabled',
    },
    expect: {
      state: { status: 'disabled', deferredRotation: { compromised: true, previousValidFor: 'PT0S' } },
      outcomes: ['deferred: tokenDisabled'],
    },
  },
};

describe('after', () => {
  it.each(Object.entries(endings))('%s', (_sentence, row) => check(row));
  it.each(Object.entries(closings))('%s', (_sentence, row) => check(row));
});

describe('a denied command', () => {
  it('does not tell a stranger who owns the token', () => {
    const { events } = settle({
      state: active(),
      work: { kind: 'deny', command: { ...remove, entrance: 'partners' }, rule: 'ownedByAnother' },
    });
    expect(events[0]?.data).not.toHaveProperty('owner');
  });
});

describe('settling', () => {
  const given = {
    state: active(),
    work: { kind: 'disable', command: disable },
    results: [off],
    now,
  } as const;

  it('gives an event the same id every time, and another one for another plan', () => {
    const [once, again] = [settle(given), settle({ ...given, now: at(3 * hour) })];
    expect(once.events[0]?.id).toBe(again.events[0]?.id);
    expect(once.events[0]?.id).toMatch(/^[0-9a-f]{64}$/);
    expect(settle({ ...given, state: active({ plan: 9 }) }).events[0]?.id).not.toBe(once.events[0]?.id);
  });

  it('tells the time at which it happened, and the plan in the history', () => {
    const { events, history, state } = settle({ ...given, state: active({ plan: 41 }) });
    expect(events[0]).toMatchObject({ time: now, subject: 'contoso/team-web', source: 'keyturn' });
    expect(history).toEqual([
      {
        at: now,
        plan: 42,
        work: 'disable',
        result: 'done',
        command: disable.key,
        incarnation: 1,
        generation: 1,
      },
    ]);
    expect(state.settled).toBe(42);
  });

  it('is not surprised by work that does not fit the status: that is tried again', () => {
    const { state, outcomes } = settle({ ...given, state: inStatus('deleted'), now: at(minute) });
    expect(outcomes).toEqual([]);
    expect(state.failures[disable.key]).toMatchObject({ code: 'unexpected' });
  });
});
