import { describe, expect, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import { nextRotation } from '../../../src/lifecycle/schedule.ts';
import { active, at, command, credential, day, hour, identity, managed, minute, second } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, issued, reissue, settle, type Table } from './expectations.ts';

const request = referenceTo(
  command('keyturn.token.requested', hour, { owner: 'team-web', access: { scopeMap: 'shared-read' } }),
);
const rotation = referenceTo(
  command('keyturn.token.rotation-requested', hour, { compromised: false, reason: 'why not' }),
);
const enable = referenceTo(command('keyturn.token.enable-requested', hour, { reason: 'go on' }));
const order = { enqueuedAt: request.enqueuedAt, sequenceNumber: request.sequenceNumber };

const secretUri = managed().delivery.secretUri;
/** When the second credential took the place of the first: the vault cuts its times to seconds. */
const replacedAt = at(60 * day + minute + second);

const table: Table = {
  'provisioning: the token is active and announced, with where its password is and until when': {
    state: inStatus('provisioning', { failures: { [request.key]: failure('unavailable') } }),
    work: { kind: 'provision', command: request, reissue: { ...reissue, generation: 1 } },
    results: [
      { kind: 'createToken', ok: true, created: true },
      issued(hour, { slot: 'password1', secretVersion: 'version1' }),
    ],
    now: at(2 * hour),
    expect: {
      state: {
        status: 'active',
        published: 'password1',
        generation: 1,
        failures: {},
        applied: { existence: order, access: order, schedule: order },
      },
      events: [
        [
          'info provisioned',
          {
            slot: 'password1',
            generation: 1,
            secretUri,
            secretVersion: 'version1',
            expiresAt: at(hour + 74 * day),
            nextRotation: nextRotation(
              { slotCreatedAt: at(hour), expiresAt: at(hour + 74 * day) },
              managed().schedule,
              undefined,
              identity.token,
            ),
            verified: true,
            entrance: 'token-requests',
            owner: 'team-web',
            command: { id: request.id, source: request.source, key: request.key, entrance: request.entrance },
          },
        ],
      ],
      outcomes: ['done'],
    },
  },
  'provisioning: an event says so if nobody could log in to check': {
    state: inStatus('provisioning'),
    work: { kind: 'provision', command: request, reissue: { ...reissue, generation: 1 } },
    results: [issued(hour, { verified: false })],
    expect: {
      state: { status: 'active' },
      events: [['info provisioned', { verified: false }]],
      outcomes: ['done'],
    },
  },
  'rotating on schedule: the replaced password ends by its own expiry, and nothing is owed to it': {
    state: active(),
    work: { kind: 'rotate', cause: 'schedule', reissue },
    results: [issued(60 * day)],
    expect: {
      state: {
        published: 'password2',
        generation: 2,
        credentials: {
          password1: { ...credential(0), supersededAt: replacedAt },
          password2: { generation: 2, slot: 'password2', slotCreatedAt: at(60 * day) },
        },
      },
      events: [['info rotated', { cause: 'schedule', slot: 'password2', previousValidUntil: at(74 * day) }]],
    },
  },
  'rotating early: the replaced password is ended after the overlap': {
    state: active(),
    work: { kind: 'rotate', command: rotation, cause: 'request', reissue },
    results: [issued(10 * day)],
    expect: {
      state: { credentials: { password1: { retireAt: at(24 * day + minute + second) } } },
      events: [
        [
          'info rotated',
          {
            cause: 'request',
            previousValidUntil: at(24 * day + minute + second),
            command: { id: rotation.id },
          },
        ],
      ],
      outcomes: ['done'],
    },
  },
  'rotating a compromised password: it is ended when that was asked for': {
    state: active(),
    work: {
      kind: 'rotate',
      command: rotation,
      cause: 'compromised',
      reissue: { ...reissue, mayCutShort: true, previousValidFor: 'P1D' },
    },
    results: [issued(10 * day)],
    expect: {
      state: { credentials: { password1: { retireAt: at(11 * day + minute + second) } } },
      events: [['info rotated', { cause: 'compromised' }]],
      outcomes: ['done'],
    },
  },
  'rotating a compromised password: it is over when the same plan has ended it': {
    state: active(),
    work: {
      kind: 'rotate',
      command: rotation,
      cause: 'compromised',
      reissue: { ...reissue, mayCutShort: true, previousValidFor: 'PT0S' },
    },
    results: [issued(10 * day), { kind: 'retireSlot', ok: true, slot: 'password1', regenerated: true }],
    now: at(10 * day + 2 * minute),
    expect: {
      state: { credentials: { password1: { retiredAt: at(10 * day + minute + second) } } },
      events: [['info rotated', { cause: 'compromised' }]],
      outcomes: ['done'],
    },
  },
  'rotating a compromised password: it is published although ending the old one failed, and that is due then':
    {
      state: active(),
      work: {
        kind: 'rotate',
        command: rotation,
        cause: 'compromised',
        reissue: { ...reissue, mayCutShort: true, previousValidFor: 'PT0S' },
      },
      results: [issued(10 * day), { kind: 'retireSlot', ok: false, code: 'unavailable' }],
      expect: {
        state: {
          published: 'password2',
          credentials: { password1: { retireAt: at(10 * day + minute + second) } },
        },
        events: [['info rotated', { cause: 'compromised' }]],
        outcomes: ['done'],
      },
    },
  'rotating in place of a dead password: what was promised for the one before stays as it was': {
    state: active({
      credentials: {
        password1: credential(0, { supersededAt: at(day), retireAt: at(5 * day) }),
        password2: credential(day, { slot: 'password2' }),
      },
      published: 'password2',
    }),
    work: { kind: 'rotate', command: rotation, cause: 'request', reissue },
    results: [issued(2 * day)],
    expect: {
      state: { credentials: { password1: { supersededAt: at(day), retireAt: at(5 * day) } } },
      events: [['info rotated', { previousValidUntil: at(5 * day) }]],
      outcomes: ['done'],
    },
  },
  'rotating: the event says whose password was cut short': {
    state: active(),
    work: {
      kind: 'rotate',
      command: rotation,
      cause: 'compromised',
      reissue: { ...reissue, mayCutShort: true },
    },
    results: [issued(hour, { cutShort: { slot: 'password2', generation: 1, promisedUntil: at(day) } })],
    expect: {
      events: [['info rotated', { cutShort: { slot: 'password2', generation: 1, promisedUntil: at(day) } }]],
      outcomes: ['done'],
    },
  },
  'rotating what was put off: it is told to whoever asked for it, whose command has ended before': {
    state: active({ deferredRotation: { command: rotation, compromised: false, notBefore: at(hour) } }),
    work: { kind: 'rotate', cause: 'request', reissue },
    results: [issued(2 * hour)],
    expect: {
      state: { status: 'active', published: 'password2' },
      events: [['info rotated', { command: { id: rotation.id } }]],
    },
  },
  "rotating mends what failed before, and ends a person's wait": {
    state: active({
      failures: { rotate: failure('refused'), other: failure('unavailable') },
      parked: { since: at(0), work: 'rotate', code: 'refused', toDo: 'Look.' },
      warned: { overdue: at(74 * day), endOfLife: at(99 * day) },
    }),
    work: { kind: 'rotate', command: rotation, cause: 'request', reissue },
    results: [issued(hour)],
    expect: {
      state: { failures: { other: failure('unavailable') }, warned: { endOfLife: at(99 * day) } },
      events: [['info rotated']],
      outcomes: ['done'],
    },
  },
};

function failure(code: string) {
  return { since: at(0), attempts: 1, code, retryAt: at(hour) };
}

describe('after', () => {
  it.each(Object.entries(table))('%s', (_sentence, row) => check(row));
});

describe('what a new password answers', () => {
  it('is every rotation that was put off', () => {
    const { state } = settle({
      state: active({ deferredRotation: { command: rotation, compromised: false, notBefore: at(day) } }),
      work: { kind: 'rotate', cause: 'schedule', reissue },
      results: [issued(hour)],
    });
    expect(state).not.toHaveProperty('deferredRotation');
  });

  it('is the last of what a revocation had left to do', () => {
    const { state } = settle({
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
      results: [issued(hour)],
    });
    expect(state).not.toHaveProperty('revocation');
  });
});
