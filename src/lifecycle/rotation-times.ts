import type { WeeklyWindow } from '../calendar/weekly-window.ts';
import { milliseconds } from '../contracts/durations.ts';
import type { Instant } from '../contracts/instants.ts';
import { internalEntrance } from '../contracts/internal-commands.ts';
import { type Credential, otherSlot } from './credential.ts';
import { earliest, latest, plus } from './instant-arithmetic.ts';
import { type Turn, turnOf } from './rotation-windows.ts';
import { nextRotation, overdueWarning } from './schedule.ts';
import { promisedUntil } from './slots.ts';
import type { StateOf } from './state.ts';

type Active = StateOf<'active'>;

/** The credential that consumers read. */
export function currentCredential({ credentials, published }: Active): Credential | undefined {
  return credentials[published];
}

/** When the published password is replaced by schedule; nothing if it lasts until the end of life. */
export function scheduledRotation(state: Active): Instant | undefined {
  const current = currentCredential(state);
  const { managed, identity } = state;
  return current && nextRotation(current, managed.schedule, managed.endOfLife, identity.token);
}

/**
 * When a rotation that has not come yet can wait no longer: it becomes a warning, and it goes ahead although the
 * password before has not had its overlap. A published password that runs out would be worse.
 */
export function lastChance(state: Active): Instant | undefined {
  const scheduled = scheduledRotation(state);
  const current = currentCredential(state);
  return scheduled && current && overdueWarning(scheduled, current.expiresAt);
}

/** What a time for the next rotation is found by. */
export interface RotationTiming {
  /** Of the policy; none: any time will do. */
  readonly windows: readonly WeeklyWindow[];
  readonly now: Instant;
}

/**
 * When the next rotation goes ahead: by schedule or because it was put off; not before a slot is free, if that can
 * wait, nor before its next try. What no person asked for waits for a window.
 */
export function nextTurn(state: Active, timing: RotationTiming): Turn | undefined {
  const { deferredRotation } = state;
  const scheduled = inWindow(state, readyFrom(state, scheduledRotation(state)), timing);
  const wanted = readyFrom(state, deferredRotation?.notBefore);
  const isAskedFor = deferredRotation?.command.entrance !== internalEntrance;
  const putOff = isAskedFor ? atOnce(wanted) : inWindow(state, wanted, timing);
  if (!scheduled || !putOff) return scheduled ?? putOff;
  return putOff.at < scheduled.at ? putOff : scheduled;
}

/** When the published password is to be replaced by schedule and in a window; if that failed, when it was due. */
export function expectedRotation(state: Active, timing: RotationTiming): Instant | undefined {
  const scheduled = scheduledRotation(state);
  return state.failures.rotate ? scheduled : inWindow(state, scheduled, timing)?.at;
}

function inWindow(
  state: Active,
  wanted: Instant | undefined,
  { windows, now }: RotationTiming,
): Turn | undefined {
  if (wanted === undefined) return undefined;
  const { token } = state.identity;
  return turnOf({ windows, token, wanted, now, lastChance: lastChanceForWindow(state) });
}

/** When a rotation can wait for a window no longer: the password that it replaces is to have its overlap. */
function lastChanceForWindow(state: Active): Instant | undefined {
  const current = currentCredential(state);
  const last = lastChance(state);
  const overlap = milliseconds(state.managed.schedule.overlap);
  return current && last && earliest(last, plus(current.expiresAt, -overlap));
}

function atOnce(wanted: Instant | undefined): Turn | undefined {
  return wanted === undefined ? undefined : { at: wanted };
}

/** When a rotation that is wanted at some time can be had. */
function readyFrom(state: Active, wanted: Instant | undefined): Instant | undefined {
  const { credentials, published, managed, failures } = state;
  const previous = credentials[otherSlot(published)];
  const promised = previous && promisedUntil(previous, managed.schedule.overlap);
  const freeAt = promised && earliest(promised, lastChance(state));
  return wanted && latest(wanted, freeAt, failures.rotate?.retryAt);
}

/** When the next rotation was due, whatever holds it up. */
export function rotationWanted(state: Active): Instant | undefined {
  return earliest(scheduledRotation(state), state.deferredRotation?.notBefore);
}
