import type { AlertSeverity } from '../configuration/alerting-document.ts';
import type { Instant } from '../contracts/instants.ts';
import { groupId, type Incident, type IncidentFacts, type Resolution } from './incident.ts';

/** What alerting knows of one subject of an alert. Moments are those at which alerting heard of something. */
export interface Member {
  /** Missing: its end was heard of before its beginning, which is still on its way. */
  readonly incident?: {
    readonly group: string;
    readonly facts: IncidentFacts;
    /** When the event that was heard of last happened. */
    readonly time: Instant;
    readonly id: string;
    readonly recordedAt: Instant;
    readonly changedAt: Instant;
  };
  /** Missing: it is still open, or is of a kind that nobody says the end of. */
  readonly resolved?: { readonly time: Instant; readonly at: Instant };
}

/** As much of a member as is needed to count it. */
export interface MemberSummary {
  readonly row: string;
  readonly severity: AlertSeverity;
  readonly deadline?: Instant | undefined;
  readonly since: Instant;
  readonly recordedAt: Instant;
  readonly changedAt: Instant;
  readonly resolvedAt?: Instant | undefined;
}

/**
 * A subject after an incident; undefined if that is known already. Events of one subject may come twice and in any
 * order. A subject stays in the group that it was first told in until it is over, whatever is found out about the cause.
 */
export function afterIncident(member: Member | undefined, report: Incident, at: Instant): Member | undefined {
  const { id, time, facts } = report;
  const fresh = { group: groupId(report.about), facts, time, id, recordedAt: at, changedAt: at };
  const known = member?.incident;
  const resolved = member?.resolved;
  if (!known) return { incident: fresh, ...(resolved && time <= resolved.time ? { resolved } : {}) };
  if (time < known.time || id === known.id) return undefined;
  if (!resolved) return { incident: { ...fresh, group: known.group, recordedAt: known.recordedAt } };
  if (time > resolved.time) return { incident: fresh };
  return { incident: { ...fresh, group: known.group, recordedAt: known.recordedAt }, resolved };
}

/** A subject after its end; undefined if that is known already, or if it has begun anew since. */
export function afterResolution(
  member: Member | undefined,
  { time }: Resolution,
  at: Instant,
): Member | undefined {
  const { incident, resolved } = member ?? {};
  if (resolved && resolved.time >= time) return undefined;
  if (incident && incident.time > time) return undefined;
  return { ...(incident ? { incident } : {}), resolved: { time, at } };
}
