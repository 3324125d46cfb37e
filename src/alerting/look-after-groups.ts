import type { Instant } from '../contracts/instants.ts';
import { day, plus, second } from '../lifecycle/instant-arithmetic.ts';
import type { Stored } from '../ports/alert-store.ts';
import type { Shown } from './alert-content.ts';
import type { AlertGroup, NotificationKind } from './alert-group.ts';
import type { AlertingPorts } from './alerting-ports.ts';
import { memberPartition } from './incident.ts';
import { type Decision, nextNotification } from './next-notification.ts';
import { sendPending, withNotification } from './notify.ts';
import { type Tally, tallyOf } from './tally.ts';

/** Whoever wrote a notification down has so long to send it before the timer does. */
const patience = 30 * second;
/** So long a group that is over is kept: a repeat of an old event is known by it. */
const keptFor = day;

/** What was done about one group. */
export interface LookedAfter {
  readonly group: string;
  readonly alert: string;
  readonly result: 'sent' | NotificationKind | 'ended' | 'forgotten' | { readonly error: unknown };
}

/**
 * Looks after all groups of alerts: sends what was written down and not sent, tells what is due, ends what is over,
 * forgets what has long been over. A group that cannot be looked after does not keep the others from it.
 *
 * @throws ServiceFailure if the groups cannot be listed
 */
export async function* lookAfterGroups(now: Instant, ports: AlertingPorts): AsyncGenerator<LookedAfter> {
  for await (const stored of ports.alerts.listGroups()) {
    const { id: group, about } = stored.value;
    try {
      const result = await lookAfter(stored, now, ports);
      if (result) yield { group, alert: about.alert, result };
    } catch (error) {
      yield { group, alert: about.alert, result: { error } };
    }
  }
}

/** Nothing is due: undefined. Also if somebody else was faster; the next minute is soon enough. */
async function lookAfter(
  stored: Stored<AlertGroup>,
  now: Instant,
  ports: AlertingPorts,
): Promise<LookedAfter['result'] | undefined> {
  const { status, pending, endedAt } = stored.value;
  if (pending) {
    if (pending.by !== undefined && plus(pending.at, patience) > now) return undefined;
    await sendPending(stored, ports);
    return 'sent';
  }
  if (status === 'ended')
    return endedAt !== undefined && plus(endedAt, keptFor) <= now ? forget(stored, ports) : undefined;
  const { tally, decision } = await judge(stored.value, now, ports);
  switch (decision.decision) {
    case 'notify':
      return notify(stored, tally, { kind: decision.kind, status: 'active', now }, ports);
    case 'end':
      return end(stored, now, ports);
    case 'wait':
      if (status === 'ending') await ports.alerts.writeGroup({ ...stored.value, status: 'active' }, stored);
      return undefined;
  }
}

async function judge(
  group: AlertGroup,
  now: Instant,
  { alerts }: AlertingPorts,
): Promise<{ readonly tally: Tally | undefined; readonly decision: Decision }> {
  const tally = await tallyOf(group.about.alert, group.openedAt, alerts.listMembers(group));
  return { tally, decision: nextNotification(group, tally, now) };
}

/**
 * Says first that the group is about to end, and looks once more: who has added a member meanwhile has either been
 * seen by that, or sees it and brings the group back.
 */
async function end(
  stored: Stored<AlertGroup>,
  now: Instant,
  ports: AlertingPorts,
): Promise<LookedAfter['result'] | undefined> {
  const { value: group } = stored;
  const ending =
    group.status === 'ending'
      ? stored
      : await ports.alerts.writeGroup({ ...group, status: 'ending' }, stored);
  if (!ending) return undefined;
  const { tally, decision } = await judge(ending.value, now, ports);
  if (decision.decision !== 'end') {
    await ports.alerts.writeGroup({ ...ending.value, status: 'active' }, ending);
    return undefined;
  }
  if (decision.tell) return notify(ending, tally, { kind: 'resolved', status: 'ended', now }, ports);
  const ended = await ports.alerts.writeGroup({ ...ending.value, status: 'ended', endedAt: now }, ending);
  return ended && 'ended';
}

async function notify(
  stored: Stored<AlertGroup>,
  tally: Tally | undefined,
  { kind, status, now }: { kind: NotificationKind; status: 'active' | 'ended'; now: Instant },
  ports: AlertingPorts,
): Promise<NotificationKind | undefined> {
  const { told } = stored.value;
  const [first, ...others] = tally ? await readExamples(stored.value, tally.examples, ports) : [];
  const ended = status === 'ended' ? { endedAt: now } : {};
  const group = withNotification(
    { ...stored.value, status, ...ended },
    {
      kind,
      tally: tally ?? { ...told, open: 0, since: told.facts.since, deadline: undefined },
      examples: [first ?? { facts: told.facts, resolved: true }, ...others],
      at: now,
    },
    ports,
  );
  const written = await ports.alerts.writeGroup(group, stored);
  if (!written) return undefined;
  await sendPending(written, ports);
  return kind;
}

async function readExamples(
  { about }: AlertGroup,
  rows: readonly string[],
  { alerts }: AlertingPorts,
): Promise<Shown[]> {
  const partition = memberPartition(about);
  const members = await Promise.all(rows.map((row) => alerts.readMember({ partition, row })));
  return members.flatMap((stored) => {
    const { incident, resolved } = stored?.value ?? {};
    return incident ? [{ facts: incident.facts, resolved: resolved !== undefined }] : [];
  });
}

async function forget(
  stored: Stored<AlertGroup>,
  { alerts }: AlertingPorts,
): Promise<'forgotten' | undefined> {
  if (!(await alerts.removeMembers(stored.value))) return undefined;
  return (await alerts.removeGroup(stored)) ? 'forgotten' : undefined;
}
