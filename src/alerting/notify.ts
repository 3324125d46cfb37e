import { createHash } from 'node:crypto';
import type { AlertSeverity } from '../configuration/alerting-document.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Stored } from '../ports/alert-store.ts';
import { type AlertMaterial, alertContent, type Shown } from './alert-content.ts';
import type { AlertGroup, NotificationKind } from './alert-group.ts';
import type { AlertingPorts } from './alerting-ports.ts';
import { deliveryBody, deliveryContentType } from './delivery-message.ts';
import type { Tally } from './tally.ts';

/** The sink that is always there. */
export const logSink = 'log';

/** A notification that is due. */
export interface Notification {
  readonly kind: NotificationKind;
  readonly tally: Omit<Tally, 'examples' | 'heardAt'>;
  readonly examples: readonly [Shown, ...Shown[]];
  readonly at: Instant;
  /** The event that leads to it. */
  readonly by?: string;
}

/** A group with a notification that is written down and not yet sent. */
export function withNotification(
  group: Omit<AlertGroup, 'told' | 'pending' | 'number'> & Partial<Pick<AlertGroup, 'told' | 'number'>>,
  { kind, tally, examples, at, by }: Notification,
  { configuration }: Pick<AlertingPorts, 'configuration'>,
): AlertGroup {
  const { count, open, severity, since, deadline, changedAt } = tally;
  const { told } = group;
  const number = (group.number ?? 0) + 1;
  const { runbooks } = configuration.alerting;
  const resource = resourceOf(group.about.registry, configuration.registries);
  const alert = alertContent({
    group,
    number,
    kind,
    now: at,
    count,
    open,
    severity,
    since,
    deadline,
    examples,
    resource,
    runbooks,
  });
  return {
    ...group,
    number,
    told: {
      at,
      summarised: kind !== 'first' && (kind !== 'rise' || told?.summarised === true),
      count,
      open,
      severity: kind !== 'first' && told?.severity === 'critical' ? 'critical' : severity,
      changedAt,
      facts: examples[0].facts,
    },
    pending: { alert, at, by },
  };
}

/**
 * Sends what is pending to every sink, and says that it is sent. Stopped in between, it is done again by whoever comes
 * next: every copy bears the same id.
 *
 * @throws ServiceFailure
 */
export async function sendPending(stored: Stored<AlertGroup>, ports: AlertingPorts): Promise<void> {
  const { pending } = stored.value;
  if (!pending) return;
  const { alert } = pending;
  for (const sink of sinksFor(alert, ports)) {
    await ports.messages.send(ports.configuration.messaging.alertDeliveriesQueue, {
      messageId: deliveryId(alert.id, sink),
      body: deliveryBody({ sink, alert }),
      contentType: deliveryContentType,
      subject: alert.alert,
      properties: { sink, severity: alert.severity },
    });
  }
  await forgetPending(stored, alert.id, ports);
}

/** Every sink that wants such alerts, but the one that it is about. */
function sinksFor(
  { severity, sink: failing }: { severity: AlertSeverity; sink?: string | undefined },
  { sinks }: AlertingPorts,
): string[] {
  const webhooks = [...sinks.values()].filter(
    ({ name, severities }) => name !== failing && severities.includes(severity),
  );
  return [logSink, ...webhooks.map(({ name }) => name)];
}

function deliveryId(alertId: string, sink: string): string {
  return createHash('sha256')
    .update(JSON.stringify([alertId, sink]))
    .digest('hex');
}

/** Somebody may have changed the group meanwhile, and even have written down its next notification. */
async function forgetPending(
  stored: Stored<AlertGroup>,
  alertId: string,
  { alerts }: AlertingPorts,
): Promise<void> {
  let current: Stored<AlertGroup> | undefined = stored;
  while (current?.value.pending?.alert.id === alertId) {
    const { pending: _, ...group } = current.value;
    if (await alerts.writeGroup(group, current)) return;
    current = await alerts.readGroup(group.id);
  }
}

function resourceOf(
  registry: string | undefined,
  registries: AlertingPorts['configuration']['registries'],
): AlertMaterial['resource'] {
  const resourceId = registry === undefined ? undefined : registries.get(registry)?.resourceId;
  const [, , subscription, , , , , , name] = resourceId?.split('/') ?? [];
  return subscription === undefined || name === undefined ? undefined : { registry: name, subscription };
}
