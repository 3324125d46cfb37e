import type { Instant } from '../contracts/instants.ts';
import { tryForAWhile } from '../intake/try-for-a-while.ts';
import { plus, second } from '../lifecycle/instant-arithmetic.ts';
import type { AlertStore, Stored } from '../ports/alert-store.ts';
import { ServiceFailure } from '../ports/service-failure.ts';
import type { AlertGroup } from './alert-group.ts';
import { isResolvable } from './alert-names.ts';
import type { AlertingPorts } from './alerting-ports.ts';
import { type Incident, memberPlace, type Resolution } from './incident.ts';
import { afterIncident, afterResolution, type Member } from './member.ts';
import { sendPending, withNotification } from './notify.ts';

/** What became of an incident: it began a group and was told, joined one, or brought one back. */
export type Raised = 'told' | 'joined' | 'known';

/** So often somebody else may be faster before it is given up. */
const mostTries = 20;
/** So soon after a notification was written down, it is being sent by whoever did that. */
const ownPatience = 5 * second;

/**
 * Writes an incident down, and then sees to it that its group is active: whoever makes the group, or brings it back,
 * sends the first notification. In this order, so that no incident is left in a group that is over: the one who ends a
 * group looks at its members after he has said so.
 *
 * @param at when it was heard of
 * @throws ServiceFailure; then it may be repeated
 */
export async function raise(report: Incident, at: Instant, ports: AlertingPorts): Promise<Raised> {
  const { member, isNew } = await recordIncident(report, at, ports.alerts);
  return repeatedly(async () => {
    const stored = await ports.alerts.readGroup(member.group);
    switch (stored?.value.status) {
      case 'active':
        if (isLeftToUs(stored.value, report, at)) await send(stored, ports);
        return isNew ? 'joined' : 'known';
      case 'ending':
        return (await ports.alerts.writeGroup({ ...stored.value, status: 'active' }, stored)) && 'joined';
      case 'ended':
        return isNew || isLeftOut(report, member, stored.value)
          ? tellFirst(report, member, stored, at, ports)
          : 'known';
      case undefined:
        return tellFirst(report, member, undefined, at, ports);
    }
  });
}

/** Makes the group, or brings it back. What was said last of it comes before what is said next. */
async function tellFirst(
  report: Incident,
  member: Known,
  stored: Stored<AlertGroup> | undefined,
  at: Instant,
  ports: AlertingPorts,
): Promise<'told' | undefined> {
  if (stored?.value.pending) {
    await send(stored, ports);
    return undefined;
  }
  const written = await ports.alerts.writeGroup(begin(report, member, stored?.value, at, ports), stored);
  if (written) await send(written, ports);
  return written && 'told';
}

function send(stored: Stored<AlertGroup>, ports: AlertingPorts): Promise<void> {
  return tryForAWhile(() => sendPending(stored, ports), ports);
}

/** Writes down that an incident is over; the group finds it when it is looked after. @throws ServiceFailure */
export async function resolve(
  report: Resolution,
  at: Instant,
  { alerts }: Pick<AlertingPorts, 'alerts'>,
): Promise<'resolved' | 'known'> {
  const place = memberPlace(report);
  return repeatedly(async () => {
    const stored = await alerts.readMember(place);
    const member = afterResolution(stored?.value, report, at);
    if (!member) return 'known';
    return (await alerts.writeMember(place, member, stored)) && 'resolved';
  });
}

/** A repeat of the event that was to be told first: what should have told it has been stopped, unless it is just about to. */
function isLeftToUs({ pending }: AlertGroup, { id }: Incident, at: Instant): boolean {
  return pending?.by === id && plus(pending.at, ownPatience) <= at;
}

type Known = NonNullable<Member['incident']> & { readonly resolvedAt?: Instant | undefined };

/** Most incidents are the first of their subject: so mostly this is one write, without a look. */
async function recordIncident(
  report: Incident,
  at: Instant,
  alerts: AlertStore,
): Promise<{ readonly member: Known; readonly isNew: boolean }> {
  const place = memberPlace(report);
  let stored: Stored<Member> | undefined;
  return repeatedly(async () => {
    const member = afterIncident(stored?.value, report, at);
    if (!member && stored) return { member: known(stored.value), isNew: false };
    if (member && (await alerts.writeMember(place, member, stored)))
      return { member: known(member), isNew: true };
    stored = await alerts.readMember(place);
    return undefined;
  });
}

function known({ incident, resolved }: Member): Known {
  if (!incident) throw new Error('A member that was told of has no incident.');
  return { ...incident, resolvedAt: resolved?.at };
}

/** Whether the group came to an end without the member: it is still open, or was written down later. */
function isLeftOut({ about }: Incident, { resolvedAt, changedAt }: Known, { endedAt }: AlertGroup): boolean {
  if (isResolvable(about.alert) && resolvedAt === undefined) return true;
  return endedAt === undefined || changedAt > endedAt;
}

function begin(
  report: Incident,
  { group: id, facts, resolvedAt, changedAt }: Known,
  earlier: AlertGroup | undefined,
  at: Instant,
  ports: AlertingPorts,
): AlertGroup {
  const { severity, since, deadline } = facts;
  const open = resolvedAt === undefined ? 1 : 0;
  const number = earlier ? { number: earlier.number } : {};
  return withNotification(
    { id, about: earlier?.about ?? report.about, status: 'active', openedAt: at, ...number },
    {
      kind: 'first',
      tally: { count: 1, open, severity, since, deadline, changedAt },
      examples: [{ facts, resolved: open === 0 }],
      at,
      by: report.id,
    },
    ports,
  );
}

/** Again and again until something comes of it. @throws ServiceFailure when others were faster every time */
async function repeatedly<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new ServiceFailure({ service: 'records', operation: 'alert', code: 'conflict' });
}
