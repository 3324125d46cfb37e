import { describe, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import { active, at, command, credential, day, hour, managed, start } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

const disable = referenceTo(command('keyturn.token.disable-requested', hour, { reason: 'pause' }));
const remove = referenceTo(command('keyturn.token.deletion-requested', hour, { reason: 'done' }));
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

describe('after', () => {
  it.each(Object.entries(endings))('%s', (_sentence, row) => check(row));
});
