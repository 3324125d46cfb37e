import type { Configuration } from '../../../configuration/configuration.ts';
import { alertsSubscription, archiveSubscription } from '../../../configuration/connections.ts';

/** A queue, topic or subscription, and what Keyturn does there. */
export interface MessagingEntity {
  readonly kind: 'queue' | 'topic' | 'subscription';
  readonly name: string;
  /** Of a subscription. */
  readonly topic?: string;
  readonly receives: boolean;
  readonly sends: boolean;
}

/** All that the configuration needs of Service Bus. What is put off is sent to the queue that it came from. */
export function messagingEntities(
  { entrances, messaging }: Pick<Configuration, 'entrances' | 'messaging'>,
  hasArchive: boolean,
): MessagingEntity[] {
  const { eventsTopic, rejectedQueue, registryActivityQueue, alertDeliveriesQueue } = messaging;
  const queue = (name: string, uses: Pick<MessagingEntity, 'receives' | 'sends'>): MessagingEntity => ({
    kind: 'queue',
    name,
    ...uses,
  });
  const both = { receives: true, sends: true };
  const ofEntrances = [...entrances.values()].flatMap(({ queue: usual, urgentQueue }) =>
    [usual, ...(urgentQueue === undefined ? [] : [urgentQueue])].map((name) => queue(name, both)),
  );
  const subscription = (name: string): MessagingEntity => ({
    kind: 'subscription',
    name,
    topic: eventsTopic,
    receives: true,
    sends: false,
  });
  return [
    ...ofEntrances,
    queue(rejectedQueue, { receives: false, sends: true }),
    queue(registryActivityQueue, both),
    queue(alertDeliveriesQueue, both),
    { kind: 'topic', name: eventsTopic, receives: false, sends: true },
    subscription(alertsSubscription),
    ...(hasArchive ? [subscription(archiveSubscription)] : []),
  ];
}
