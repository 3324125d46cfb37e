import type { EventContent } from '../../contracts/events.ts';
import type { Instant } from '../../contracts/instants.ts';
import { about } from '../announce.ts';
import type { CommandReference } from '../command-order.ts';
import { hour, plus } from '../instant-arithmetic.ts';
import type { WorkOf } from '../plan.ts';
import type { Draft } from '../settlement.ts';
import { type ManagedState, managedPart, recordPart, type StateOf } from '../state.ts';
import { done } from './done.ts';
import { retired, type Settled } from './issuing.ts';

type Alive = Exclude<ManagedState, StateOf<'deleted' | 'revoked'>>;

/** A token past its end of life stays expired; it is only made sure that nobody logs in with it. */
export function disabled({ state, work, now }: Settled<Alive, WorkOf<'disable'>>): Draft {
  const { command } = work;
  const outcomes = done(command, now);
  if (state.status === 'expired' || state.status === 'disabled') return { state, outcomes };
  return {
    state: { ...managedPart(state), status: 'disabled', since: now },
    events: [stopped('keyturn.token.disabled', state, command, now)],
    outcomes,
  };
}

export function deleted({ state, work, now }: Settled<ManagedState, WorkOf<'delete'>>): Draft {
  const { command } = work;
  const { deferredRotation, adoption, ...kept } = managedPart(state);
  const gone = { ...kept, credentials: {}, published: undefined };
  const revoked = state.status === 'revoked' || state.revocation !== undefined;
  const after: ManagedState = revoked
    ? { ...gone, ...cutOffSince(state, now), status: 'revoked', removed: true }
    : { ...gone, status: 'deleted', since: now };
  return {
    state: after,
    events: [stopped('keyturn.token.deleted', state, command, now)],
    outcomes: done(command, now),
  };
}

/** Deleted while it was being revoked: it is cut off by that, and stays revoked. */
function cutOffSince(state: ManagedState, now: Instant): Pick<StateOf<'revoked'>, 'since' | 'exposureUntil'> {
  if (state.status !== 'revoked') return { since: now, exposureUntil: exposedUntil(now) };
  const { since, exposureUntil } = state;
  return { since, exposureUntil };
}

/**
 * A token half made whose request is no longer allowed leaves nothing behind. One that was to be adopted goes on as
 * before, and nobody manages it.
 */
export function abandoned({
  state,
  work,
  now,
}: Settled<StateOf<'provisioning' | 'disabled'>, WorkOf<'abandon'>>): Draft {
  const { command, rule, detail } = work;
  const because = { rule, ...(detail === undefined ? {} : { detail }) };
  const removed = { ...managedPart(state), credentials: {}, published: undefined };
  return {
    state: state.adoption ? unmanaged(state) : { ...removed, status: 'deleted', since: now },
    events: [
      {
        type: 'keyturn.token.request-denied',
        severity: 'warning',
        data: { ...about(state, command), ...because },
      },
    ],
    outcomes: [
      {
        key: command.key,
        status: 'denied',
        at: now,
        code: rule,
        ...(detail === undefined ? {} : { detail }),
      },
    ],
  };
}

/** The record of a name whose token nobody manages: of what was asked before, only that and when it was. */
export function unmanaged(state: ManagedState): StateOf<'none'> {
  return { ...recordPart(state), status: 'none' };
}

export function expired({ state, now }: Settled<StateOf<'active'>, WorkOf<'expire'>>): Draft {
  return {
    state: { ...managedPart(state), status: 'expired', since: now },
    events: [
      {
        type: 'keyturn.token.expired',
        severity: 'critical',
        data: { ...about(state), cause: 'endOfLife', deadline: state.managed.endOfLife ?? now },
      },
    ],
  };
}

export function ended({ state, results, now }: Settled<StateOf<'active'>, WorkOf<'retire'>>): Draft {
  return { state: { ...state, credentials: retired(state, results, now) } };
}

export function warned({ state, work }: Settled<StateOf<'active'>, WorkOf<'warn'>>): Draft {
  const { deadline } = work;
  const cause = work.about === 'endOfLife' ? 'endOfLife' : 'rotationOverdue';
  const data = { ...about(state), cause, deadline } as const;
  return {
    state: { ...state, warned: { ...state.warned, [work.about]: deadline } },
    events: [
      work.about === 'ranOut'
        ? { type: 'keyturn.token.expired', severity: 'critical', data }
        : { type: 'keyturn.token.expiring', severity: 'warning', data },
    ],
  };
}

/** Login-server tokens that were issued before a password ended live on for at most three hours. */
export function exposedUntil(cutOffAt: Instant): Instant {
  return plus(cutOffAt, 3 * hour);
}

function stopped(
  type: 'keyturn.token.disabled' | 'keyturn.token.deleted',
  state: ManagedState,
  command: CommandReference,
  at: Instant,
): EventContent {
  const reason = command.reason === undefined ? {} : { reason: command.reason };
  return { type, severity: 'warning', data: { ...about(state, command), cause: 'request', at, ...reason } };
}
