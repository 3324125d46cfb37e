import { describe, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import { active, at, command, credential, day, hour, managed } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, issued, reissue, type Table } from './expectations.ts';

const request = referenceTo(
  command('keyturn.token.requested', hour, { owner: 'team-web', access: { scopeMap: 'shared-read' } }),
);
const enable = referenceTo(command('keyturn.token.enable-requested', hour, { reason: 'go on' }));
const order = { enqueuedAt: request.enqueuedAt, sequenceNumber: request.sequenceNumber };

const secretUri = managed().delivery.secretUri;

const table: Table = {
  'changing access: it is announced with what changed and what is published': {
    state: active(),
    work: {
      kind: 'converge',
      command: request,
      managed: managed({ access: { scopeMap: 'other-map', own: false } }),
      changed: ['access'],
    },
    results: [{ kind: 'bindScopeMap', ok: true, changed: true }],
    expect: {
      state: { managed: { access: { scopeMap: 'other-map' } }, applied: { access: order } },
      events: [
        ['info access-updated', { changed: ['access'], scopeMap: 'other-map', secretUri, slot: 'password1' }],
      ],
      outcomes: ['done'],
    },
  },
  'changing access: a new password with it is announced too': {
    state: active(),
    work: {
      kind: 'converge',
      command: request,
      managed: managed({ access: { scopeMap: 'other-map', own: false } }),
      changed: ['access'],
      reissue,
    },
    results: [{ kind: 'bindScopeMap', ok: true, changed: true }, issued(hour)],
    expect: {
      state: { published: 'password2', managed: { access: { scopeMap: 'other-map' } } },
      events: [
        ['info access-updated', { slot: 'password2' }],
        ['info rotated', { cause: 'scopeMapChanged' }],
      ],
      outcomes: ['done'],
    },
  },
  'changing access: a new password that has to wait is remembered': {
    state: active(),
    work: {
      kind: 'converge',
      command: request,
      managed: managed({ access: { scopeMap: 'other-map', own: false } }),
      changed: ['access'],
      rotateAt: at(5 * day),
    },
    results: [{ kind: 'bindScopeMap', ok: true, changed: true }],
    expect: {
      state: { deferredRotation: { notBefore: at(5 * day), compromised: false } },
      events: [['info access-updated']],
      outcomes: ['done'],
    },
  },
  'changing a token without a password: it is done, and there is nothing to announce': {
    state: inStatus('disabled', { credentials: {}, published: undefined }),
    work: {
      kind: 'converge',
      command: request,
      managed: managed({ purpose: 'builds' }),
      changed: ['purpose'],
    },
    expect: { state: { status: 'disabled', managed: { purpose: 'builds' } }, outcomes: ['done'] },
  },
  'enabling: the token is active with the password it had': {
    state: inStatus('disabled'),
    work: { kind: 'enable', command: enable },
    results: [{ kind: 'setTokenStatus', ok: true, changed: true }],
    expect: {
      state: {
        status: 'active',
        published: 'password1',
        applied: { status: { enqueuedAt: enable.enqueuedAt } },
      },
      events: [['info enabled', { slot: 'password1', generation: 1 }]],
      outcomes: ['done'],
    },
  },
  'enabling: a password that was ended on the way is marked so': {
    state: inStatus('disabled', {
      credentials: {
        password1: credential(0),
        password2: credential(0, { slot: 'password2', supersededAt: at(0), retireAt: at(hour) }),
      },
    }),
    work: { kind: 'enable', command: enable },
    results: [{ kind: 'retireSlot', ok: true, slot: 'password2', regenerated: true }],
    now: at(2 * hour),
    expect: {
      state: { credentials: { password2: { retiredAt: at(2 * hour) } } },
      events: [['info enabled']],
      outcomes: ['done'],
    },
  },
  'enabling: a new password is announced instead': {
    state: inStatus('disabled'),
    work: { kind: 'enable', command: enable, reissue },
    results: [{ kind: 'setTokenStatus', ok: true, changed: true }, issued(hour)],
    expect: {
      state: { status: 'active', published: 'password2' },
      events: [['info enabled', { slot: 'password2', generation: 2 }]],
      outcomes: ['done'],
    },
  },
  'reinstating: the token is active again, and what it was revoked for is forgotten': {
    state: inStatus('revoked', {
      revocation: {
        command: request,
        since: at(0),
        attempts: 1,
        ended: true,
        disabledAt: at(0),
        regeneratedAt: at(0),
      },
    }),
    work: { kind: 'reinstate', command: enable, reissue },
    results: [{ kind: 'setTokenStatus', ok: true, changed: true }, issued(hour)],
    expect: {
      state: { status: 'active', published: 'password2' },
      events: [['info reinstated', { slot: 'password2' }]],
      outcomes: ['done'],
    },
  },
  'recovering: the record is written as the vault had it': {
    state: inStatus('provisioning'),
    work: { kind: 'recover', recovered: active({ generation: 7 }) },
    expect: { state: { status: 'active', generation: 7, plan: 1, settled: 1 } },
  },
};

describe('after', () => {
  it.each(Object.entries(table))('%s', (_sentence, row) => check(row));
});
