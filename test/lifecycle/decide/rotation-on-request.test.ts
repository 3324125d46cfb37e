import { describe, it } from 'vitest';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import { active, at, command, day, second } from '../build.ts';
import { registryToken } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

import { freeAt, generation1, generation2, rotated, unsettled } from './rotation-examples.ts';

const rotation = command('keyturn.token.rotation-requested', 57 * day, { compromised: false });
const compromised = command('keyturn.token.rotation-requested', 57 * day, { compromised: true });
const atOnce = command('keyturn.token.rotation-requested', 57 * day, {
  compromised: true,
  previousValidFor: 'PT0S',
});

const onRequest: Table = {
  'goes into the empty slot at once': {
    state: active(),
    commands: [rotation],
    now: at(57 * day),
    expect: {
      work: { kind: 'rotate', cause: 'request', reissue: { generation: 2, mayCutShort: false } },
      steps: [{ kind: 'issueCredential', input: { expiresAt: at((57 + 74) * day) } }],
    },
  },
  'is put off while the replaced password still has its overlap': {
    state: rotated,
    commands: [rotation],
    now: plus(freeAt, -1),
    expect: { work: { kind: 'deferRotation', cause: 'noSlotFree', until: freeAt, compromised: false } },
  },
  'goes ahead from the moment at which the overlap is over': {
    state: rotated,
    commands: [rotation],
    now: freeAt,
    expect: {
      work: { kind: 'rotate', cause: 'request', reissue: { generation: 3 } },
      steps: ['issueCredential'],
    },
  },
  'goes ahead at once for a compromised password': {
    state: rotated,
    commands: [compromised],
    now: at(57 * day),
    expect: {
      work: { kind: 'rotate', cause: 'compromised', reissue: { generation: 3, mayCutShort: true } },
      steps: [{ kind: 'issueCredential', input: { mayCutShort: true } }],
    },
  },
  'ends the compromised password in the same plan if it may not live on': {
    state: rotated,
    commands: [atOnce],
    now: at(57 * day),
    expect: {
      work: { kind: 'rotate', reissue: { previousValidFor: 'PT0S' } },
      steps: [
        'issueCredential',
        { kind: 'retireSlot', input: { slot: 'password2', slotCreatedAt: generation2.slotCreatedAt } },
      ],
    },
  },
  'is answered by a password that was issued since it was asked for': {
    state: rotated,
    commands: [command('keyturn.token.rotation-requested', 56 * day, { compromised: false })],
    now: at(57 * day),
    expect: { work: { kind: 'supersede' } },
  },
  'is not answered by a password that was issued a millisecond sooner': {
    state: rotated,
    commands: [command('keyturn.token.rotation-requested', 56 * day + 1, { compromised: false })],
    now: at(57 * day),
    expect: { work: { kind: 'deferRotation' } },
  },
  'of a compromised password always counts': {
    state: rotated,
    commands: [command('keyturn.token.rotation-requested', 55 * day, { compromised: true })],
    now: at(57 * day),
    expect: { work: { kind: 'rotate' }, steps: ['issueCredential'] },
  },
  'waits while the token is disabled': {
    state: inStatus('disabled'),
    commands: [rotation],
    expect: { work: { kind: 'deferRotation', cause: 'tokenDisabled' } },
  },
  'is refused before the token is provisioned': {
    state: inStatus('provisioning'),
    commands: [rotation],
    expect: { work: { kind: 'deny', rule: 'tokenNotProvisioned' } },
  },
  'is refused after its end of life': {
    state: inStatus('expired'),
    commands: [rotation],
    expect: { work: { kind: 'deny', rule: 'tokenExpired' } },
  },
  'is refused once it is revoked': {
    state: inStatus('revoked'),
    commands: [rotation],
    expect: { work: { kind: 'deny', rule: 'tokenRevoked' } },
  },
  'waits for a person if the token is gone': {
    state: active(),
    commands: [rotation],
    facts: { token: { ok: true, value: null } },
    expect: { work: { kind: 'rotate' }, blocked: { code: 'tokenMissing' } },
  },
  'waits for a person if somebody else disabled the token': {
    state: active(),
    commands: [rotation],
    facts: { token: { ok: true, value: registryToken(active(), { enabled: false }) } },
    expect: { work: { kind: 'rotate' }, blocked: { code: 'disabledOutOfBand' } },
  },
  'waits for a vault that cannot be read': {
    state: active(),
    commands: [rotation],
    facts: { secret: { ok: false, code: 'unavailable' } },
    expect: { work: { kind: 'judge' }, blocked: { code: 'unavailable' } },
  },
};

const afterCrash: Table = {
  'takes up its own publication again': {
    state: active(),
    commands: [command('keyturn.token.rotation-requested', 56 * day - second, { compromised: false })],
    now: at(57 * day),
    ...unsettled,
    expect: {
      work: { kind: 'rotate', cause: 'request', reissue: { generation: 2 } },
      steps: [{ kind: 'issueCredential', input: { generation: 2 } }],
    },
  },
  'first settles a publication from before it was asked for, and then makes its own': {
    state: active(),
    commands: [compromised],
    now: at(57 * day),
    ...unsettled,
    expect: {
      work: { kind: 'rotate', cause: 'schedule', reissue: { generation: 2 } },
      steps: ['issueCredential'],
    },
  },
  'does not use a rotation id again whose password is dead': {
    state: active(),
    commands: [compromised],
    now: at(57 * day),
    facts: {
      ...unsettled.facts,
      token: {
        ok: true,
        value: registryToken(rotated, {
          passwords: [{ slot: 'password1', createdAt: generation1.slotCreatedAt }],
        }),
      },
    },
    expect: { work: { kind: 'rotate', reissue: { generation: 3 } }, steps: ['issueCredential'] },
  },
};

describe('a rotation on request', () => {
  it.each(Object.entries(onRequest))('%s', (_sentence, row) => check(row));
});

describe('a rotation that was cut between publishing and settling', () => {
  it.each(Object.entries(afterCrash))('%s', (_sentence, row) => check(row));
});
