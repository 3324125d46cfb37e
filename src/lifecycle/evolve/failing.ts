import { type EventContent, type Severity, severities } from '../../contracts/events.ts';
import type { Instant } from '../../contracts/instants.ts';
import { about } from '../announce.ts';
import { nextTry } from '../back-off.ts';
import type { CommandReference } from '../command-order.ts';
import { day, earliest, minute, plus, second } from '../instant-arithmetic.ts';
import { type Blocked, type Work, workKey } from '../plan.ts';
import { currentCredential, lastChance, scheduledRotation } from '../rotation-times.ts';
import { severityByTimeLeft } from '../schedule.ts';
import type { Draft } from '../settlement.ts';
import type { Failure, TokenState } from '../state.ts';
import { type Remedy, remedyOf } from '../step-failures.ts';
import { leftBehind } from './left-behind.ts';
import { healingFailed } from './observing.ts';

/** How long a command is tried before a person is called. */
const patience = 7 * day;
/** Work that nobody asked for is looked at again although a person was called: what was wrong may have been mended. */
const parkedFor = day;
/** What succeeds sooner than this was not worth telling. */
const quietFor = 10 * minute;
const tellAgainAfter = day;

const tiredOfTrying: Remedy = {
  remedy: 'person',
  toDo: 'This has failed for seven days. Find out why the service refuses it, then send the command again.',
};

/** The record after work that failed: tried again later, or ended and parked for a person. Status and credentials stay. */
export function failed(state: TokenState, work: Work, why: Blocked, now: Instant): Draft {
  if (work.kind === 'heal' && state.status !== 'none') return healingFailed(state, work, why, now);
  const failure = failureAfter(state, work, why, now);
  const known = remedyOf(why.code);
  const command = commandOf(work);
  const tired = command !== undefined && known.remedy === 'retry' && plus(failure.since, patience) <= now;
  const remedy = tired ? tiredOfTrying : known;
  switch (remedy.remedy) {
    case 'again':
      return { state: withFailure(state, work, failure), failed: why.code };
    case 'retry':
      return tell(state, work, failure, undefined, now);
    case 'person':
      return park(state, work, failure, remedy.toDo, now);
  }
}

function failureAfter(
  state: TokenState,
  work: Work,
  { code, retryAt: askedFor }: Blocked,
  now: Instant,
): Failure {
  const previous = state.failures[workKey(work)];
  if (remedyOf(code).remedy === 'again') {
    const retryAt = earliest(askedFor ?? plus(now, 5 * second), lastChanceToRotate(state, work, now));
    return { since: now, attempts: 1, ...previous, code, retryAt };
  }
  const goesOn = previous !== undefined && remedyOf(previous.code).remedy !== 'again';
  const attempts = goesOn ? previous.attempts + 1 : 1;
  const deadline = work.kind === 'rotate' ? rotationTimes(state)?.deadline : undefined;
  const retryAt = nextTry({ attempts, now, token: state.identity.token, deadline, askedFor });
  return { since: now, ...(goesOn ? previous : {}), attempts, code, retryAt };
}

/** Waiting for a slot ends where the published password would run out. */
function lastChanceToRotate(state: TokenState, work: Work, now: Instant): Instant | undefined {
  const last = work.kind === 'rotate' && state.status === 'active' ? lastChance(state) : undefined;
  return last !== undefined && last > now ? last : undefined;
}

function withFailure<State extends TokenState>(state: State, work: Work, failure: Failure): State {
  return { ...state, failures: { ...state.failures, [workKey(work)]: failure } };
}

/** Commands that failed for good end; other work is looked at again every day. */
function park(state: TokenState, work: Work, failure: Failure, toDo: string, now: Instant): Draft {
  const command = commandOf(work);
  const told = tell(state, work, { ...failure, retryAt: plus(now, parkedFor) }, toDo, now);
  const parked = { since: state.parked?.since ?? now, work: work.kind, code: failure.code, toDo };
  if (!command) return { ...told, state: { ...told.state, parked } };
  const left = leftBehind({ ...told.state, parked }, work, failure.code, now);
  return {
    ...told,
    state: left.state,
    events: [...(told.events ?? []), ...(left.events ?? [])],
    outcomes: [{ key: command.key, status: 'failed', at: now, code: failure.code, detail: toDo }],
  };
}

/** Keeps the failure, and tells of it if that is worse than what was told before. */
function tell(
  state: TokenState,
  work: Work,
  failure: Failure,
  toDo: string | undefined,
  now: Instant,
): Draft {
  const content = work.kind === 'rotate' ? rotationFailed(state, work, failure, toDo, now) : undefined;
  const event = content ?? requestFailed(state, work, failure, toDo, now);
  const isNews = event !== undefined && isWorse(event.severity, failure.told, now);
  const told = isNews ? { ...failure, told: { severity: event.severity, at: now } } : failure;
  return { state: withFailure(state, work, told), events: isNews ? [event] : [], failed: failure.code };
}

function isWorse(severity: Severity, told: Failure['told'], now: Instant): boolean {
  if (!told) return true;
  const rises = severities.indexOf(severity) > severities.indexOf(told.severity);
  return rises || (severity === 'critical' && plus(told.at, tellAgainAfter) <= now);
}

function rotationFailed(
  state: TokenState,
  work: Work,
  failure: Failure,
  toDo: string | undefined,
  now: Instant,
): EventContent | undefined {
  const times = rotationTimes(state);
  if (!times) return undefined;
  const { due, deadline } = times;
  const byTime = severityByTimeLeft(due, deadline, now);
  return {
    type: 'keyturn.token.rotation-failed',
    severity: toDo !== undefined && byTime === 'info' ? 'warning' : byTime,
    data: { ...about(state, commandOf(work)), ...dataOf(failure, toDo), deadline },
  };
}

/** When the published password was to be replaced, and when it ends. */
function rotationTimes(state: TokenState): { due: Instant; deadline: Instant } | undefined {
  if (state.status !== 'active') return undefined;
  const deadline = currentCredential(state)?.expiresAt;
  return deadline === undefined
    ? undefined
    : { due: scheduledRotation(state) ?? state.lookAt ?? deadline, deadline };
}

function requestFailed(
  state: TokenState,
  work: Work,
  failure: Failure,
  toDo: string | undefined,
  now: Instant,
): EventContent | undefined {
  if (toDo === undefined && plus(failure.since, quietFor) > now) return undefined;
  const command = commandOf(work);
  return {
    type: 'keyturn.token.request-failed',
    severity: toDo === undefined ? 'warning' : 'critical',
    data: {
      ...about(state, command),
      ...dataOf(failure, toDo),
      commandType: command?.type ?? askedForBy(work),
    },
  };
}

/** Which kind of command had asked for what time has brought. */
function askedForBy({ kind }: Work): string {
  if (kind === 'observe') return 'keyturn.internal.comparison';
  return kind === 'retire' ? 'keyturn.token.rotation-requested' : 'keyturn.token.requested';
}

function dataOf({ code, since, attempts, retryAt }: Failure, toDo: string | undefined) {
  return { code, since, attempts, ...(toDo === undefined ? { nextTry: retryAt } : { toDo }) };
}

function commandOf(work: Work): CommandReference | undefined {
  return 'command' in work ? work.command : undefined;
}
