import { describe, it } from 'vitest';
import { plus } from '../../../src/lifecycle/instant-arithmetic.ts';
import { nextRotation } from '../../../src/lifecycle/schedule.ts';
import { active, at, credential, day, hour, identity, managed } from '../build.ts';
import { registryToken, vaultSecret, versionOf } from '../build-facts.ts';
import { inStatus } from '../build-states.ts';
import { check, type Table } from './expectations.ts';

import { due, freeAt, generation1, generation2, rotated, unsettled } from './rotation-examples.ts';

/** Its published password has ten days only, since its end of life was moved after it was issued. */
const squeezed = active({
  ...rotated,
  credentials: { password1: generation1, password2: { ...generation2, expiresAt: at(66 * day) } },
});
/** Half way between day 61, when half of that was over, and its end. */
const lastMoment = at(63.5 * day);

const bySchedule: Table = {
  'is not due a millisecond before': { state: active(), now: plus(due, -1), expect: { waitUntil: due } },
  'is due to the moment': {
    state: active(),
    now: due,
    expect: {
      work: { kind: 'rotate', cause: 'schedule', reissue: { generation: 2 } },
      steps: ['issueCredential'],
    },
  },
  'recovers a secret that somebody deleted before it is written over': {
    state: active(),
    now: due,
    facts: {
      secret: { ok: true, value: vaultSecret([versionOf(credential(0))], { standing: 'softDeleted' }) },
    },
    expect: { work: { kind: 'rotate' }, steps: ['recoverSecret', 'issueCredential'] },
  },
  'does not write over a version that somebody else wrote': {
    state: active(),
    now: due,
    facts: {
      secret: {
        ok: true,
        value: vaultSecret([
          versionOf(credential(0)),
          versionOf(credential(0), { createdAt: at(day), tags: {} }),
        ]),
      },
    },
    expect: { work: { kind: 'rotate' }, blocked: { code: 'secretNotOurs' } },
  },
  'takes up a publication that was not settled': {
    state: active(),
    now: at(57 * day),
    ...unsettled,
    expect: {
      work: { kind: 'rotate', cause: 'schedule', reissue: { generation: 2 } },
      steps: ['issueCredential'],
    },
  },
  'waits until a slot is free': { state: squeezed, now: at(61 * day), expect: { waitUntil: lastMoment } },
  'goes ahead before the published password runs out, although the one before has not had its overlap': {
    state: squeezed,
    now: lastMoment,
    expect: {
      work: { kind: 'rotate', cause: 'schedule', reissue: { generation: 3, mayCutShort: true } },
      steps: [{ kind: 'issueCredential', input: { mayCutShort: true } }],
    },
  },
  'does not cut a password short for that where a slot comes free in time': {
    state: {
      ...squeezed,
      managed: managed({ schedule: { profile: 'live', rotateEvery: 'P30D', overlap: 'P6D' } }),
    },
    now: at(63 * day),
    expect: { work: { kind: 'rotate', reissue: { mayCutShort: false } }, steps: ['issueCredential'] },
  },
  'waits for its next try after a failure': {
    state: active({
      failures: { rotate: { since: due, attempts: 1, code: 'unavailable', retryAt: plus(due, hour) } },
    }),
    now: plus(due, hour - 1),
    expect: { waitUntil: plus(due, hour) },
  },
  'is tried again when that has come': {
    state: active({
      failures: { rotate: { since: due, attempts: 1, code: 'unavailable', retryAt: plus(due, hour) } },
    }),
    now: plus(due, hour),
    expect: { work: { kind: 'rotate' }, steps: ['issueCredential'] },
  },
  "waits for a slot that the vault's tags show to be taken, although the record does not know": {
    state: active({
      generation: 2,
      credentials: { password2: generation2 },
      published: 'password2',
      deferredRotation: {
        command: inStatus('provisioning').command,
        compromised: false,
        notBefore: at(57 * day),
      },
    }),
    now: at(57 * day),
    facts: {
      token: { ok: true, value: registryToken(rotated) },
      secret: { ok: true, value: vaultSecret([versionOf(generation1), versionOf(generation2)]) },
    },
    expect: { work: { kind: 'rotate' }, blocked: { code: 'noSlotFree', retryAt: freeAt } },
  },
  'that was put off comes when it was promised': {
    state: {
      ...rotated,
      deferredRotation: { command: inStatus('provisioning').command, compromised: false, notBefore: freeAt },
    },
    now: freeAt,
    expect: {
      work: { kind: 'rotate', cause: 'request', reissue: { generation: 3 } },
      steps: ['issueCredential'],
    },
  },
  'and not sooner': {
    state: {
      ...rotated,
      deferredRotation: { command: inStatus('provisioning').command, compromised: false, notBefore: freeAt },
    },
    now: plus(freeAt, -1),
    expect: { waitUntil: freeAt },
  },
  'does not come for a token that is disabled': {
    state: inStatus('disabled'),
    now: at(400 * day),
    expect: { waitUntil: undefined },
  },
  'does not come for a token that was revoked': {
    state: inStatus('revoked'),
    now: at(400 * day),
    expect: { waitUntil: undefined },
  },
  'does not come for a token that is not wanted any more': {
    state: inStatus('deleted'),
    now: at(400 * day),
    expect: { waitUntil: undefined },
  },
};

const earlyEnd = active({
  generation: 2,
  credentials: { password1: { ...generation1, retireAt: at(58 * day) }, password2: generation2 },
  published: 'password2',
});

const retirements: Table = {
  'is not ended a millisecond before its time': {
    state: earlyEnd,
    now: at(58 * day - 1),
    expect: { waitUntil: at(58 * day) },
  },
  'is ended to the moment, by its slot and its creation time': {
    state: earlyEnd,
    now: at(58 * day),
    expect: {
      work: { kind: 'retire', slot: 'password1' },
      steps: [{ kind: 'retireSlot', input: { slot: 'password1', slotCreatedAt: generation1.slotCreatedAt } }],
    },
  },
  'is ended once': {
    state: active({
      ...earlyEnd,
      credentials: {
        password1: { ...generation1, retireAt: at(58 * day), retiredAt: at(58 * day) },
        password2: generation2,
      },
    }),
    now: at(59 * day),
    expect: { waitUntil: nextRotation(generation2, managed().schedule, undefined, identity.token) },
  },
};

describe('a scheduled rotation', () => {
  it.each(Object.entries(bySchedule))('%s', (_sentence, row) => check(row));
});

describe('a password that was replaced early', () => {
  it.each(Object.entries(retirements))('%s', (_sentence, row) => check(row));
});
