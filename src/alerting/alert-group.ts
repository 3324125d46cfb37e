import type { AlertSeverity } from '../configuration/alerting-document.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Alert } from './alert.ts';
import type { GroupAbout, IncidentFacts } from './incident.ts';

/** Why a notification is sent: the first; more after five minutes; worse; ten times as many; hourly; over. */
export type NotificationKind = 'first' | 'summary' | 'rise' | 'growth' | 'hourly' | 'resolved';

/** What was last said of a group. */
export interface Told {
  readonly at: Instant;
  /** Whether more than the first one, or its worsening, was told. */
  readonly summarised: boolean;
  readonly count: number;
  readonly open: number;
  /** The worst that was told in this episode. */
  readonly severity: AlertSeverity;
  /** When the last change was that is in it. */
  readonly changedAt: Instant;
  /** Of the most urgent subject. */
  readonly facts: IncidentFacts;
}

/** A notification that may not be with every sink yet. It is written down before it is sent. */
export interface PendingNotification {
  readonly alert: Alert;
  readonly at: Instant;
  /** The event that led to it, whose repeat sends it again; none: the timer. */
  readonly by?: string | undefined;
}

/**
 * Alerts that are told together, from the first until they are over (an episode), and again when they come back.
 * `ending`: seems to be over; it is looked at once more, since somebody may just have added a subject.
 */
export interface AlertGroup {
  readonly id: string;
  readonly about: GroupAbout;
  readonly status: 'active' | 'ending' | 'ended';
  readonly openedAt: Instant;
  readonly endedAt?: Instant | undefined;
  /** Of the last notification, over all episodes. */
  readonly number: number;
  readonly told: Told;
  readonly pending?: PendingNotification | undefined;
}
