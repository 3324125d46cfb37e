import { type Duration, milliseconds } from '../contracts/durations.ts';
import type { Instant } from '../contracts/instants.ts';
import { latest, plus } from '../lifecycle/instant-arithmetic.ts';
import type { WorkKind } from '../lifecycle/plan.ts';
import type { HistoryEntry } from '../lifecycle/settlement.ts';
import type { KeptRow, RecordRemains } from '../ports/retention.ts';

/** The moment before which something has outlived its time. */
export function cutoff(now: Instant, kept: Duration): Instant {
  return plus(now, -milliseconds(kept));
}

/** What tells when a token was made or taken over, or why its history begins where it does. It is kept for good. */
const lasting: ReadonlySet<WorkKind> = new Set<WorkKind>(['provision', 'adopt', 'recover']);

/** Rows of a history that need not be kept. The newest one stays, so that it is known when something was last done. */
export function outlivedHistory(history: RecordRemains['history'], before: Instant): KeptRow[] {
  const [_newest, ...older] = [...history].sort((one, other) => other.entry.plan - one.entry.plan);
  return older.filter(({ entry }) => entry.at < before && !isLasting(entry));
}

function isLasting({ work, result }: HistoryEntry): boolean {
  return result === 'done' && lasting.has(work);
}

/**
 * Whether a name can be forgotten: its token was deleted before a moment, or it never had one and nothing was done with
 * it since then; and nothing is under way, or still to be told. A revoked token is not forgotten with its deletion,
 * since a request could then bring it back.
 *
 * @param clockNow by the adapters' clock, which leases go by
 */
export function isForgettable(remains: RecordRemains, before: Instant, clockNow: Instant): boolean {
  const { stored, waits, lease, history } = remains;
  if (waits || (lease && lease.until > clockNow)) return false;
  if (!stored) return true;
  const { state } = stored;
  if (state.plan !== state.settled || state.lookAt !== undefined) return false;
  if (state.status !== 'deleted' && state.status !== 'none') return false;
  const lastDone = latest(...history.map(({ entry }) => entry.at));
  const since = state.status === 'deleted' ? latest(state.since, lastDone) : lastDone;
  return since === undefined || since < before;
}
