import { createHash } from 'node:crypto';
import type { AlertSink } from '../configuration/alert-sinks.ts';
import type { Instant } from '../contracts/instants.ts';
import type { InboundMessage } from '../intake/inbound-message.ts';
import { mayBePutOff, putOff } from '../intake/put-off.ts';
import { latest } from '../lifecycle/instant-arithmetic.ts';
import type { Stored } from '../ports/alert-store.ts';
import { troubleOf } from '../ports/trouble.ts';
import { type WebhookFailure, webhookFailures } from '../ports/webhook.ts';
import type { Alert } from './alert.ts';
import type { AlertingPorts } from './alerting-ports.ts';
import { readDelivery } from './delivery-message.ts';
import { webhookMessage } from './formats/webhook-message.ts';
import { logSink } from './notify.ts';
import { raise, resolve } from './raise.ts';
import { afterFailure, healthy, isBroken, isLeftAlone, type SinkHealth } from './sink-health.ts';

/** What became of a delivery. In any case its message is done with. */
export type Delivered =
  | { readonly result: 'logged'; readonly alert: Alert }
  | { readonly result: 'delivered' | 'sinkRemoved'; readonly sink: string; readonly alertId: string }
  | {
      readonly result: 'putOff';
      readonly sink: string;
      readonly alertId: string;
      readonly dueAt: Instant;
      readonly why: WebhookFailure | 'failedLately';
      readonly status?: number | undefined;
    };

/**
 * Takes one notification to one sink. A sink that does not take it gets it later, by a copy of the message with the
 * same notification, for a week at most; one that fails again and again is an alert to the others.
 *
 * @throws if the copy cannot be sent, or after a week; then the broker hands the message out again
 */
export async function deliverAlert(message: InboundMessage, ports: AlertingPorts): Promise<Delivered> {
  const { sink: name, alert } = readDelivery(message.body);
  if (name === logSink) return { result: 'logged', alert };
  const about = { sink: name, alertId: alert.id };
  const sink = ports.sinks.get(name);
  if (!sink) return { result: 'sinkRemoved', ...about };
  const now = latest(ports.clock.now().toISOString(), message.enqueuedAt);
  const stored = await ifPossible(() => ports.alerts.readSink(name), ports);
  if (stored && isLeftAlone(stored.value, now))
    return { result: 'putOff', ...about, ...(await again(message, ports)), why: 'failedLately' };
  const result = await ports.webhook.post(sink, webhookMessage(alert, sink, ports.clock));
  if (result.ok) {
    await ifPossible(() => noteSuccess(sink, stored, now, ports), ports);
    return { result: 'delivered', ...about };
  }
  await ifPossible(() => noteFailure(sink, result.code, now, ports), ports);
  const { code: why, status } = result;
  return { result: 'putOff', ...about, ...(await again(message, ports)), why, status };
}

async function again(message: InboundMessage, ports: AlertingPorts): Promise<{ readonly dueAt: Instant }> {
  if (!mayBePutOff(message, ports.clock.now().toISOString()))
    throw new Error('The sink has not taken the alert for a week.');
  return { dueAt: await putOff(message, ports.configuration.messaging.alertDeliveriesQueue, ports) };
}

/** How sinks fare is good to know; no delivery waits for it. */
async function ifPossible<Result>(
  act: () => Promise<Result>,
  { report }: AlertingPorts,
): Promise<Result | undefined> {
  try {
    return await act();
  } catch (error) {
    report(troubleOf(error));
    return undefined;
  }
}

async function noteSuccess(
  { name }: AlertSink,
  stored: Stored<SinkHealth> | undefined,
  now: Instant,
  ports: AlertingPorts,
): Promise<void> {
  if (!stored || stored.value.failures === 0) return;
  if (stored.value.told)
    await resolve({ kind: 'resolution', id: `works ${now}`, time: now, ...aboutSink(name) }, now, ports);
  await ports.alerts.writeSink(name, healthy, stored);
}

async function noteFailure(
  { name }: AlertSink,
  code: WebhookFailure,
  now: Instant,
  ports: AlertingPorts,
): Promise<void> {
  const stored = await ports.alerts.readSink(name);
  const health = afterFailure(stored?.value ?? healthy, code, now);
  const tells = !health.told && isBroken(health, now);
  if (tells) await raise(sinkIncident(name, health, now), now, ports);
  // Somebody else who is faster has noted a failure, or a success.
  await ports.alerts.writeSink(name, { ...health, told: health.told || tells }, stored);
}

function aboutSink(sink: string) {
  return { about: { alert: 'alertSinkFailing', cause: sink }, subject: sink } as const;
}

function sinkIncident(sink: string, { failingSince: since, failures, code }: SinkHealth, now: Instant) {
  const id = createHash('sha256')
    .update(JSON.stringify(['sink', sink, since]))
    .digest('hex');
  const meaning = code && webhookFailures[code];
  return {
    kind: 'incident',
    id,
    time: now,
    ...aboutSink(sink),
    facts: {
      severity: 'critical',
      since: since ?? now,
      evidence: [`${failures} deliveries in a row have failed. The last one: ${meaning}.`],
      done: 'Keyturn keeps every alert for the sink.',
      next: { what: 'try again, with pauses of at most 15 minutes, for a week' },
    },
  } as const;
}
