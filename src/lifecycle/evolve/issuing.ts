import type { EventContent } from '../../contracts/events.ts';
import type { Instant } from '../../contracts/instants.ts';
import { about, announcePublished, publishedData } from '../announce.ts';
import type { Credentials } from '../credential.ts';
import type { WorkOf } from '../plan.ts';
import type { Draft } from '../settlement.ts';
import { type ManagedState, managedPart, type StateOf } from '../state.ts';
import { isRetired, type StepResult } from '../steps.ts';
import { announceRotated } from './announce-rotated.ts';
import { done } from './done.ts';
import { publish } from './publish.ts';

/** What an evolution of some work is given; its steps have succeeded, as far as they matter. */
export interface Settled<State, Work> {
  readonly state: State;
  readonly work: Work;
  readonly results: readonly StepResult[];
  readonly now: Instant;
}

/** The new token is announced once its password works and is published. */
export function provisioned({
  state,
  work,
  results,
  now,
}: Settled<ManagedState, WorkOf<'provision' | 'reinstate'>>): Draft | undefined {
  const active = publish(state, state.managed, work.reissue, results);
  if (!active) return undefined;
  const type = work.kind === 'provision' ? 'keyturn.token.provisioned' : 'keyturn.token.reinstated';
  return {
    state: active,
    events: announcePublished(type, active, work.command, now),
    outcomes: done(work.command, now),
  };
}

/** The token that others made is ours once one of its slots holds a password that is proven and published. */
export function adopted({
  state,
  work,
  results,
  now,
}: Settled<StateOf<'provisioning'>, WorkOf<'adopt'>>): Draft | undefined {
  const active = publish(state, state.managed, work.reissue, results);
  const data = active && publishedData(active, now);
  if (!data) return undefined;
  const { scopeMap } = active.managed.access;
  const said = about(active, work.command);
  return {
    state: active,
    events: [{ type: 'keyturn.token.adopted', severity: 'info', data: { ...said, ...data, scopeMap } }],
    outcomes: done(work.command, now),
  };
}

export function rotated({
  state,
  work,
  results,
  now,
}: Settled<StateOf<'active'>, WorkOf<'rotate'>>): Draft | undefined {
  const active = publish(state, state.managed, work.reissue, results);
  if (!active) return undefined;
  const command = work.command ?? (work.cause === 'schedule' ? undefined : state.deferredRotation?.command);
  return {
    state: active,
    events: announceRotated(active, work.cause, command, results, now),
    outcomes: done(work.command, now),
  };
}

export function converged({
  state,
  work,
  results,
  now,
}: Settled<StateOf<'active' | 'disabled'>, WorkOf<'converge'>>): Draft {
  const { command, managed, changed, reissue, rotateAt } = work;
  const reissued = reissue && publish(state, managed, reissue, results);
  const deferred =
    rotateAt === undefined ? {} : { deferredRotation: { command, compromised: false, notBefore: rotateAt } };
  const after = reissued ?? { ...state, managed, ...deferred };
  const data = publishedData(after, now);
  const updated: EventContent[] = data
    ? [
        {
          type: 'keyturn.token.access-updated',
          severity: 'info',
          data: {
            ...about(after, command),
            ...data,
            changed: [...changed],
            scopeMap: managed.access.scopeMap,
          },
        },
      ]
    : [];
  const rotation = reissued ? announceRotated(reissued, 'scopeMapChanged', command, results, now) : [];
  return { state: after, events: [...updated, ...rotation], outcomes: done(command, now) };
}

export function enabled({
  state,
  work,
  results,
  now,
}: Settled<StateOf<'active' | 'disabled'>, WorkOf<'enable'>>): Draft | undefined {
  const { command, reissue } = work;
  const active = reissue ? publish(state, state.managed, reissue, results) : broughtBack(state, results, now);
  if (!active) return undefined;
  return {
    state: active,
    events: announcePublished('keyturn.token.enabled', active, command, now),
    outcomes: done(command, now),
  };
}

/** Enabled again with the password it had. */
function broughtBack(
  state: StateOf<'active' | 'disabled'>,
  results: readonly StepResult[],
  now: Instant,
): StateOf<'active'> | undefined {
  const { published } = state;
  return (
    published && {
      ...managedPart(state),
      status: 'active',
      published,
      credentials: retired(state, results, now),
    }
  );
}

/** The credentials on record, with those marked whose passwords a step has ended. */
export function retired(
  { credentials }: ManagedState,
  results: readonly StepResult[],
  now: Instant,
): Credentials {
  const entries = Object.entries(credentials).map(([slot, credential]) => [
    slot,
    credential && isRetired(results, credential.slot) ? { ...credential, retiredAt: now } : credential,
  ]);
  return Object.fromEntries(entries);
}
