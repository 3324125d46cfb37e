import type { AlertSeverity } from '../configuration/alerting-document.ts';
import type { Instant } from '../contracts/instants.ts';
import { earliest, latest, minute, plus } from '../lifecycle/instant-arithmetic.ts';
import { type AlertName, isResolvable } from './alert-names.ts';
import type { MemberSummary } from './member.ts';

/** How a group stands: of all subjects of the episode, and of those that are open. */
export interface Tally {
  readonly count: number;
  readonly open: number;
  readonly severity: AlertSeverity;
  readonly since: Instant;
  readonly deadline: Instant | undefined;
  /** When something was last heard of a subject, beside its end. */
  readonly changedAt: Instant;
  /** When anything was last heard. */
  readonly heardAt: Instant;
  /** The rows of the subjects to show as examples: the worst, and of these the most urgent. */
  readonly examples: readonly string[];
}

export const mostExamples = 10;

/** Clocks of hosts may differ by so much; episodes of one group lie further apart. */
const tolerance = 5 * minute;

/** Counts the subjects of a group as they are read. Undefined: there is none in this episode. */
export async function tallyOf(
  alert: AlertName,
  openedAt: Instant,
  members: AsyncIterable<MemberSummary>,
): Promise<Tally | undefined> {
  const from = plus(openedAt, -tolerance);
  let tally: Tally | undefined;
  let examples: MemberSummary[] = [];
  for await (const member of members) {
    const isOpen = isResolvable(alert) && member.resolvedAt === undefined;
    if (!isOpen && member.changedAt < from && (member.resolvedAt ?? '') < from) continue;
    tally = added(tally, member);
    examples = [...examples, member].sort(byUrgency).slice(0, mostExamples);
  }
  return tally && { ...tally, examples: examples.map(({ row }) => row) };
}

function added(tally: Tally | undefined, member: MemberSummary): Tally {
  const { severity, since, deadline, changedAt, resolvedAt } = member;
  const isOpen = resolvedAt === undefined;
  return {
    count: (tally?.count ?? 0) + 1,
    open: (tally?.open ?? 0) + (isOpen ? 1 : 0),
    severity: severity === 'critical' ? severity : (tally?.severity ?? severity),
    since: earliest(since, tally?.since),
    deadline: earliest(tally?.deadline, isOpen ? deadline : undefined),
    changedAt: latest(changedAt, tally?.changedAt),
    heardAt: latest(changedAt, resolvedAt, tally?.heardAt),
    examples: [],
  };
}

function byUrgency(one: MemberSummary, other: MemberSummary): number {
  return (
    Number(one.resolvedAt !== undefined) - Number(other.resolvedAt !== undefined) ||
    Number(one.severity !== 'critical') - Number(other.severity !== 'critical') ||
    compare(one.deadline ?? '9', other.deadline ?? '9') ||
    compare(one.since, other.since) ||
    compare(one.row, other.row)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
