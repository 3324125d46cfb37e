import type { Duration } from '../contracts/durations.ts';
import { type Instant, later } from '../contracts/instants.ts';
import type { RejectionReason } from '../contracts/rejections.ts';

const toleratedClockSkew: Duration = 'PT5M';

/**
 * Whether a command was sent at about the time it bears. Counted to the moment it entered the queue, not to now: an
 * outage makes nothing stale. A time ahead of it would let a command win over all that come later.
 */
export function untimely(
  time: Instant,
  enqueuedAt: Instant,
  staleAfter: Duration,
): Extract<RejectionReason, 'stale' | 'fromTheFuture'> | undefined {
  if (enqueuedAt > later(time, staleAfter)) return 'stale';
  if (time > later(enqueuedAt, toleratedClockSkew)) return 'fromTheFuture';
  return undefined;
}
