import type { Instant } from '../contracts/instants.ts';
import type { Decision } from './decide.ts';
import { earliest, millisecondsBetween, minute, plus, second } from './instant-arithmetic.ts';

const shortest = 5 * second;
const longest = 15 * minute;

/**
 * A decision that does not leave events unsent for longer than need be: a plan that waits ends in time to send them,
 * and the record promises so, or nobody would look after a lifecycle that came to an end in between.
 *
 * @param unsentSince when the first of them happened; undefined: all were sent
 */
export function wakingToSend(decision: Decision, unsentSince: Instant | undefined, now: Instant): Decision {
  const { plan, state } = decision;
  if (unsentSince === undefined || plan.kind !== 'wait') return decision;
  const wakeAt = earliest(sendAgainAt(unsentSince, now), plan.wakeAt);
  return { plan: { ...plan, wakeAt }, state: { ...state, lookAt: wakeAt } };
}

/** As far ahead as the events are old, which doubles their age with each try; but 5 s to 15 minutes. */
export function sendAgainAt(unsentSince: Instant, now: Instant): Instant {
  const age = millisecondsBetween(unsentSince, now);
  return plus(now, Math.min(Math.max(age, shortest), longest));
}
