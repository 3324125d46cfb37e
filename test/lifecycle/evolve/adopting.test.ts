import { describe, expect, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import { at, command, day, hour, managed } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { stored } from '../model/lifecycle-run.ts';
import { check, issued, reissue, settle, type Table } from './expectations.ts';

const adoption = referenceTo(
  command('keyturn.token.adoption-requested', hour, { owner: 'team-web', slot: 'password2' }),
);
const { enqueuedAt, sequenceNumber } = adoption;
const order = { enqueuedAt, sequenceNumber };
const accounted = { password1: at(-90 * day), password2: at(-30 * day) };
const first = { ...reissue, generation: 1 };

const begun = inStatus('provisioning', {
  managed: managed({ access: { scopeMap: 'made-by-others', own: false } }),
  command: adoption,
  adoption: { command: adoption.key, slot: 'password2' },
  accounted,
});

/** How a name is left whose token nobody manages. */
const unmanaged = { status: 'none', incarnation: 1 };

const table: Table = {
  'a token is announced as adopted with its scope map, and what it was found with stays accounted for': {
    state: begun,
    work: { kind: 'adopt', command: adoption, reissue: first },
    results: [issued(hour)],
    now: at(2 * hour),
    expect: {
      state: {
        status: 'active',
        published: 'password2',
        generation: 1,
        accounted,
        credentials: { password2: { slot: 'password2', slotCreatedAt: at(hour) } },
        applied: { existence: order, access: order, schedule: order },
      },
      events: [
        [
          'info adopted',
          {
            slot: 'password2',
            generation: 1,
            scopeMap: 'made-by-others',
            verified: true,
            owner: 'team-web',
            command: { key: adoption.key },
          },
        ],
      ],
      outcomes: ['done'],
    },
  },
  'trouble is tried again, and the token stays what it is': {
    state: begun,
    work: { kind: 'adopt', command: adoption, reissue: first },
    results: [{ kind: 'issueCredential', ok: false, code: 'unavailable' }],
    now: at(2 * hour),
    expect: {
      state: { status: 'provisioning', adoption: { slot: 'password2' }, failures: { [adoption.key]: {} } },
      failed: 'unavailable',
    },
  },
  'what cannot succeed leaves the token to itself': {
    state: begun,
    work: { kind: 'adopt', command: adoption, reissue: first },
    results: [{ kind: 'issueCredential', ok: false, code: 'usernameMismatch' }],
    now: at(2 * hour),
    expect: {
      state: unmanaged,
      events: [['critical request-failed', { code: 'usernameMismatch' }]],
      outcomes: ['failed: usernameMismatch'],
      failed: 'usernameMismatch',
    },
  },
  'what is given up leaves the token to itself, and says why': {
    state: begun,
    work: { kind: 'abandon', command: adoption, rule: 'actionNotAllowed', detail: 'x' },
    results: [{ kind: 'deleteSecret', ok: true, deleted: false }],
    now: at(2 * hour),
    expect: {
      state: { ...unmanaged, applied: { existence: order } },
      events: [['warning request-denied', { rule: 'actionNotAllowed', detail: 'x' }]],
      outcomes: ['denied: actionNotAllowed'],
    },
  },
  'what is given up after it was disabled on request is left to itself, too': {
    state: inStatus('disabled', { adoption: begun.adoption }),
    work: { kind: 'abandon', command: adoption, rule: 'actionNotAllowed' },
    results: [{ kind: 'deleteSecret', ok: true, deleted: true }],
    expect: {
      state: unmanaged,
      events: [['warning request-denied']],
      outcomes: ['denied: actionNotAllowed'],
    },
  },
};

const over: Table = {
  'when it is deleted': {
    state: begun,
    work: { kind: 'delete', command: adoption },
    results: [{ kind: 'deleteToken', ok: true, deleted: true }],
    expect: { state: { status: 'deleted' }, events: [['warning deleted']], outcomes: ['done'] },
  },
  'when it is revoked': {
    state: { ...begun, revocation: { command: adoption, since: at(0), attempts: 0, ended: false } },
    work: { kind: 'revoke', command: adoption },
    results: [{ kind: 'revoke', ok: true, disabledAt: at(1), regeneratedAt: at(1), secretOffAt: at(1) }],
    expect: { state: { status: 'revoked' }, events: [['warning revoked']], outcomes: ['done'] },
  },
  'when it is enabled after it was disabled on the way': {
    state: inStatus('disabled', { adoption: begun.adoption, credentials: {}, published: undefined }),
    work: { kind: 'enable', command: adoption, reissue: first },
    results: [{ kind: 'setTokenStatus', ok: true, changed: true }, issued(hour)],
    expect: { state: { status: 'active' }, events: [['info enabled']], outcomes: ['done'] },
  },
};

describe('adopting a token', () => {
  it.each(Object.entries(table))('%s', (_sentence, row) => check(row));
});

describe('an adoption is over', () => {
  it.each(Object.entries(over))('%s', (_sentence, row) => {
    check(row);
    expect(stored(settle(row).state)).not.toHaveProperty('adoption');
  });
});
