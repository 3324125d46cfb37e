import { rejection } from '../contracts/rejections.ts';
import { contentOf, type InboundMessage, originOf } from '../intake/inbound-message.ts';
import { mayBePutOff, putOff } from '../intake/put-off.ts';
import { tryForAWhile } from '../intake/try-for-a-while.ts';
import { latest } from '../lifecycle/instant-arithmetic.ts';
import { troubleOf } from '../ports/trouble.ts';
import type { AlertingPorts } from './alerting-ports.ts';
import { type Raised, raise, resolve } from './raise.ts';
import { readReport } from './read-report.ts';

/** What became of an event. In any case its message is done with. */
export type EventTakenIn =
  | { readonly result: Raised | 'resolved' | 'nothing' | 'setAside' }
  /** What is needed is down; a copy of it comes back then. `why` is of fixed words. */
  | { readonly result: 'putOff'; readonly dueAt: string; readonly why: string };

/**
 * Takes in an event of the subscription `alerts`, or the copy of one that was put off. What is needed is down: tried for
 * 20 s, then put off into the queue of deliveries, since a topic would give a copy to everybody; for a week at most.
 *
 * @throws if not even that is possible; then the broker hands it out again
 */
export async function takeInEvent(message: InboundMessage, ports: AlertingPorts): Promise<EventTakenIn> {
  try {
    return await tryForAWhile(() => takeInOnce(message, ports), ports);
  } catch (error) {
    const why = troubleOf(error).what;
    if (!mayBePutOff(message, ports.clock.now().toISOString())) throw new Error(`Put off for a week: ${why}`);
    const queue = ports.configuration.messaging.alertDeliveriesQueue;
    return { result: 'putOff', dueAt: await putOff(ofNoPlace(message), queue, ports), why };
  }
}

async function takeInOnce(message: InboundMessage, ports: AlertingPorts): Promise<EventTakenIn> {
  const report = readReport(message.body);
  if (report === 'nothing') return { result: report };
  if (!report) return setAside(message, ports);
  const at = latest(ports.clock.now().toISOString(), message.enqueuedAt);
  return {
    result: report.kind === 'incident' ? await raise(report, at, ports) : await resolve(report, at, ports),
  };
}

async function setAside(message: InboundMessage, { messages }: AlertingPorts): Promise<EventTakenIn> {
  const { messageId, properties } = originOf(message);
  await messages.setAside({ ...contentOf(message), messageId, properties }, rejection('notCloudEvent'));
  return { result: 'setAside' };
}

/** The subscription's sequence numbers mean nothing in the queue of the copies. */
function ofNoPlace(message: InboundMessage): InboundMessage {
  return originOf(message).attempt === 0 ? { ...message, sequenceNumber: '0' } : message;
}
