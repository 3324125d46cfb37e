import { describe, expect, it } from 'vitest';
import { referenceTo } from '../../../src/lifecycle/command-order.ts';
import type { Work } from '../../../src/lifecycle/plan.ts';
import { active, at, command, day, hour, minute, start } from '../build.ts';
import { inStatus } from '../build-states.ts';
import { check, issued, reissue, settle, type Table } from './expectations.ts';

const disable = referenceTo(command('keyturn.token.disable-requested', hour, { reason: 'pause' }));
const remove = referenceTo(command('keyturn.token.deletion-requested', hour, { reason: 'done' }));
const rotation = referenceTo(command('keyturn.token.rotation-requested', hour, { compromised: false }));
const request = referenceTo(
  command('keyturn.token.requested', hour, { owner: 'team-web', access: { scopeMap: 'shared-read' } }),
);
const orderOf = ({ enqueuedAt, sequenceNumber }: typeof disable) => ({ enqueuedAt, sequenceNumber });
const now = at(2 * hour);
const off = { kind: 'setTokenStatus', ok: true, changed: true } as const;

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

describe('a command that has ended, in whatever way', () => {
  const failures = { [request.key]: { since: start, attempts: 1, code: 'unavailable', retryAt: at(hour) } };
  const state = active({ failures });

  it.each<Work>([
    { kind: 'supersede', commands: [request] },
    { kind: 'deny', command: request, rule: 'ownedByAnother' },
    { kind: 'acknowledge', command: request },
    { kind: 'deferRotation', command: request, compromised: false, cause: 'noSlotFree', until: at(day) },
    { kind: 'disable', command: request },
    { kind: 'delete', command: request },
  ])('leaves no failure behind: $kind', (work) => {
    expect(settle({ state, work }).state.failures).toEqual({});
  });

  it('leaves no failure behind when it is given up', () => {
    const { state: after } = settle({
      state,
      work: { kind: 'judge', command: request },
      blocked: { code: 'refused' },
    });
    expect(after.failures).toEqual({});
  });

  it('leaves no failure of what time brings behind when a new password takes the slot', () => {
    const failed = { since: start, attempts: 1, code: 'unavailable', retryAt: at(hour) };
    const { state: after } = settle({
      state: active({ failures: { rotate: failed, retire: failed } }),
      work: { kind: 'rotate', cause: 'request', reissue },
      results: [issued(hour)],
    });
    expect(after.failures).toEqual({});
  });

  it('leaves no failure of what time brings behind when the token is no longer in use', () => {
    const rotate = { since: start, attempts: 1, code: 'unavailable', retryAt: at(hour) };
    const { state: after } = settle({
      state: active({ failures: { rotate } }),
      work: { kind: 'delete', command: remove },
    });
    expect(after.failures).toEqual({});
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
        status: 'disabled',
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
