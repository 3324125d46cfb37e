import type { Instant } from '../contracts/instants.ts';
import { hour, minute, plus } from '../lifecycle/instant-arithmetic.ts';
import type { AlertGroup, NotificationKind } from './alert-group.ts';
import { isResolvable } from './alert-names.ts';
import type { Tally } from './tally.ts';

/** How long more is waited for after the first notification. */
const summaryAfter = 5 * minute;
/** So many times what was told is told before its hour. */
const growth = 10;
const reminderEvery = hour;
/** So long all subjects have to be mended. */
const resolvedAfter = 15 * minute;
/** So long after it was last heard of, what nobody says the end of is over. */
const silentAfter = hour;

export type Decision =
  | { readonly decision: 'notify'; readonly kind: Exclude<NotificationKind, 'first' | 'resolved'> }
  /** It is over; `resolved` is told, and silence is not. */
  | { readonly decision: 'end'; readonly tell: boolean }
  | { readonly decision: 'wait' };

/**
 * What is to be said of a group next. The first notification has been sent when the group was made; from then on this
 * is asked every minute.
 *
 * @param tally undefined: nothing is left of it
 */
export function nextNotification(
  { about, told }: Pick<AlertGroup, 'about' | 'told'>,
  tally: Tally | undefined,
  now: Instant,
): Decision {
  const canResolve = isResolvable(about.alert);
  if (!tally) return { decision: 'end', tell: canResolve };
  if (canResolve && tally.open === 0 && plus(tally.heardAt, resolvedAfter) <= now)
    return { decision: 'end', tell: true };
  const kind = dueKind(told, tally, now);
  if (kind) return { decision: 'notify', kind };
  return !canResolve && plus(tally.heardAt, silentAfter) <= now
    ? { decision: 'end', tell: false }
    : { decision: 'wait' };
}

function dueKind(
  told: AlertGroup['told'],
  tally: Tally,
  now: Instant,
): Exclude<NotificationKind, 'first' | 'resolved'> | undefined {
  const isNews = tally.count > told.count || tally.changedAt > told.changedAt;
  if (tally.severity === 'critical' && told.severity === 'warning') return 'rise';
  if (!told.summarised) return isNews && plus(told.at, summaryAfter) <= now ? 'summary' : undefined;
  if (tally.count >= told.count * growth) return 'growth';
  const isOther = isNews || tally.count !== told.count || tally.open !== told.open;
  return isOther && plus(told.at, reminderEvery) <= now ? 'hourly' : undefined;
}
