import { describe, expect, it } from 'vitest';
import { internalEntrance } from '../../../src/contracts/internal-commands.ts';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import { active, at, command, day, hour } from '../build.ts';
import { check, issued, reissue, type Table } from './expectations.ts';

const asked = referenceTo(command('keyturn.token.rotation-requested', 0, { compromised: false }));
const posted = referenceTo(
  command('keyturn.token.rotation-requested', 0, { compromised: false }, { entrance: internalEntrance }),
);
const waiting = {
  kind: 'deferRotation',
  command: posted,
  compromised: false,
  cause: 'windowClosed',
} as const;
const ignoring = {
  kind: 'ignoreWindow',
  due: at(54 * day),
  opensAt: at(75 * day),
  deadline: at(74 * day),
} as const;
const event = ['warning rotation-window-ignored', { due: at(54 * day), opensAt: at(75 * day) }] as const;

const settled: Table = {
  'that opens too late is told with all three times, and is remembered for this password': {
    state: active(),
    work: ignoring,
    expect: { state: { warned: { rotationWindow: at(74 * day) } }, events: [event] },
  },
  'that opens too late changes nothing about what failed or is parked': {
    state: active({
      failures: { rotate: { since: at(0), attempts: 1, code: 'refused', retryAt: at(day) } },
      parked: { since: at(0), work: 'rotate', code: 'refused', toDo: 'Look.' },
    }),
    work: ignoring,
    expect: {
      state: { failures: { rotate: { code: 'refused' } }, parked: { code: 'refused' } },
      events: [event],
    },
  },
  'was told of, and is forgotten with the next password': {
    state: active({ warned: { rotationWindow: at(74 * day) } }),
    work: { kind: 'rotate', cause: 'schedule', reissue },
    results: [issued(54 * day)],
    now: at(54 * day),
    expect: {
      state: { warned: expect.not.objectContaining({ rotationWindow: at(74 * day) }) },
      events: [['info rotated']],
    },
  },
  'is waited for by what a schedule asks for, and until when is told': {
    state: active(),
    work: { ...waiting, until: at(hour) },
    expect: {
      state: { deferredRotation: { command: { key: posted.key }, notBefore: at(hour) } },
      events: [['info rotation-deferred', { until: at(hour), cause: 'windowClosed' }]],
      outcomes: ['deferred: windowClosed'],
    },
  },
  'is not waited for by what a person asked for before': {
    state: active({ deferredRotation: { command: asked, compromised: true, notBefore: at(2 * hour) } }),
    work: { ...waiting, until: at(hour) },
    expect: {
      state: {
        deferredRotation: { command: { key: asked.key }, compromised: true, notBefore: at(2 * hour) },
      },
      events: [['info rotation-deferred']],
      outcomes: ['deferred: windowClosed'],
    },
  },
  'is not waited for any more once a person asks': {
    state: active({ deferredRotation: { command: posted, compromised: false, notBefore: at(hour) } }),
    work: {
      kind: 'deferRotation',
      command: asked,
      compromised: false,
      cause: 'noSlotFree',
      until: at(2 * hour),
    },
    expect: {
      state: { deferredRotation: { command: { key: asked.key }, notBefore: at(2 * hour) } },
      events: [['info rotation-deferred']],
      outcomes: ['deferred: noSlotFree'],
    },
  },
};

describe('a rotation window', () => {
  it.each(Object.entries(settled))('%s', (_sentence, row) => check(row));
});
