import { type Duration, milliseconds } from '../contracts/durations.ts';
import type { Severity } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Credential } from './credential.ts';
import { earliest, latest, millisecondsBetween, plus, second } from './instant-arithmetic.ts';
import { spread } from './spread.ts';

/** How often a token's password is changed, and how long the one before lives on. */
export interface Cadence {
  readonly rotateEvery: Duration;
  readonly overlap: Duration;
}

/** What ends a credential earlier than its cadence would. */
export interface Limits {
  readonly endOfLife?: Instant | undefined;
  /** The longest that the vault lets a secret be valid. */
  readonly longestValidity?: Duration | undefined;
  /** The longest that its rotation may have to wait for a window, in milliseconds. */
  readonly longestWait?: number | undefined;
}

/**
 * Until when a credential issued now is valid: long enough that the one before it ends by its own expiry, at least
 * `overlap` after it was replaced, also if that had to wait for a window: a quarter of the lead is there for that, and
 * what it takes beyond is added. Never after the end of life, the vault's longest validity or `latestInstant`.
 * In whole seconds, since neither registry nor vault keep more.
 */
export function validUntil(issuedAt: Instant, cadence: Cadence, limits: Limits): Instant {
  const waits = Math.max(0, (limits.longestWait ?? 0) - mostLead(cadence) / 4);
  const planned = plus(issuedAt, milliseconds(cadence.rotateEvery) + milliseconds(cadence.overlap) + waits);
  const allowed = limits.longestValidity && plus(issuedAt, milliseconds(limits.longestValidity));
  return wholeSecond(earliest(planned, allowed, limits.endOfLife));
}

/**
 * When the published credential is to be replaced; never, if it lasts until the token's end of life. Early enough
 * that the old password outlives the new one's publication by `overlap`, although issuing takes minutes and may
 * have to be tried again; and spread by the token's name, so that a fleet does not rotate at one moment.
 */
export function nextRotation(
  credential: Pick<Credential, 'slotCreatedAt' | 'expiresAt'>,
  cadence: Cadence,
  endOfLife: Instant | undefined,
  token: string,
): Instant | undefined {
  const { slotCreatedAt, expiresAt } = credential;
  if (endOfLife !== undefined && expiresAt >= wholeSecond(endOfLife)) return undefined;
  const rotateEvery = milliseconds(cadence.rotateEvery);
  const overlap = milliseconds(cadence.overlap);
  const lead = mostLead(cadence) * (0.5 + spread(token) / 2);
  const half = plus(slotCreatedAt, millisecondsBetween(slotCreatedAt, expiresAt) / 2);
  const byCadence = plus(slotCreatedAt, rotateEvery - lead);
  const byExpiry = latest(plus(expiresAt, -overlap - lead), half);
  return earliest(byCadence, byExpiry);
}

/** How long before the end of `rotateEvery` a rotation is due at most; half of it at least. Milliseconds. */
function mostLead({ rotateEvery, overlap }: Cadence): number {
  const between = milliseconds(rotateEvery) - milliseconds(overlap);
  return Math.min(milliseconds(rotateEvery) / 10, Math.max(0, between) / 2);
}

/**
 * When a replaced password is to be ended by regenerating its slot; nothing if it ends by its own expiry soon enough.
 * One that was replaced on schedule always does: its expiry is at most a tenth of `rotateEvery` after the overlap, and
 * what was added to that in case its rotation had to wait for a window. So only an early rotation costs a second write, and a time that was asked for is kept to the moment.
 */
export function retirement(
  replaced: { readonly expiresAt: Instant; readonly supersededAt: Instant },
  cadence: Cadence,
  askedFor: Duration | undefined,
  longestWait = 0,
): Instant | undefined {
  const end = plus(replaced.supersededAt, milliseconds(askedFor ?? cadence.overlap));
  const slack = askedFor === undefined ? milliseconds(cadence.rotateEvery) / 10 + longestWait : 0;
  return plus(end, slack) < replaced.expiresAt ? end : undefined;
}

/** When the end of a token's life is announced: one overlap before it, or half way if its password is younger. */
export function endWarning(endOfLife: Instant, cadence: Cadence, issuedAt: Instant): Instant {
  const half = plus(issuedAt, millisecondsBetween(issuedAt, endOfLife) / 2);
  return latest(plus(endOfLife, -milliseconds(cadence.overlap)), half);
}

/** When a rotation that has not happened yet becomes a warning: half way between its due time and its deadline. */
export function overdueWarning(due: Instant, deadline: Instant): Instant {
  return plus(due, millisecondsBetween(due, deadline) / 2);
}

/** How bad a failing rotation is: by the part of its time that is left, whatever the number of attempts. */
export function severityByTimeLeft(due: Instant, deadline: Instant, now: Instant): Severity {
  const left = millisecondsBetween(now, deadline) / millisecondsBetween(due, deadline);
  if (left > 1 / 2) return 'info';
  return left > 1 / 4 ? 'warning' : 'critical';
}

function wholeSecond(instant: Instant): Instant {
  return plus(instant, -(Date.parse(instant) % second));
}
