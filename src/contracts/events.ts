import { z } from 'zod';
import { cloudEventSchema, subjectOf } from './cloud-event.ts';
import * as data from './event-data.ts';
import type { Instant } from './instants.ts';

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** The severity is an extension attribute of the CloudEvent, so that it can be read without knowing the data. */
function schemaOf<
  const Type extends string,
  const Possible extends readonly [Severity, ...Severity[]],
  Data extends z.ZodType,
>(type: Type, possible: Possible, dataSchema: Data) {
  return cloudEventSchema(type, dataSchema).extend({ severity: z.enum(possible) });
}

/** Everything that Keyturn tells the outside, with the severities that each may have; narrow by `type`. */
export const eventSchema = z.discriminatedUnion('type', [
  schemaOf('keyturn.token.provisioned', ['info'], data.published),
  schemaOf('keyturn.token.adopted', ['info'], data.adopted),
  schemaOf('keyturn.token.rotated', ['info'], data.rotated),
  schemaOf('keyturn.token.access-updated', ['info'], data.accessUpdated),
  schemaOf('keyturn.token.enabled', ['info'], data.published),
  schemaOf('keyturn.token.reinstated', ['info'], data.published),
  schemaOf('keyturn.token.request-denied', ['warning'], data.requestDenied),
  schemaOf('keyturn.token.request-failed', ['warning', 'critical'], data.requestFailed),
  schemaOf('keyturn.token.rotation-deferred', ['info'], data.rotationDeferred),
  schemaOf('keyturn.token.rotation-window-ignored', ['warning'], data.rotationWindowIgnored),
  schemaOf('keyturn.token.rotation-failed', ['info', 'warning', 'critical'], data.rotationFailed),
  schemaOf('keyturn.token.disabled', ['warning', 'critical'], data.stopped),
  schemaOf('keyturn.token.deleted', ['warning', 'critical'], data.stopped),
  schemaOf('keyturn.token.revoked', ['warning', 'critical'], data.revoked),
  schemaOf('keyturn.token.revocation-incomplete', ['critical'], data.revocationIncomplete),
  schemaOf('keyturn.token.expiring', ['warning'], data.ending),
  schemaOf('keyturn.token.expired', ['critical'], data.ending),
  schemaOf('keyturn.token.drift-detected', ['warning', 'critical'], data.driftDetected),
  schemaOf('keyturn.token.drift-resolved', ['info'], data.driftResolved),
  schemaOf('keyturn.registry.drift-detected', ['warning', 'critical'], data.registryDriftDetected),
  schemaOf('keyturn.registry.drift-resolved', ['info'], data.registryDriftResolved),
]);

export type KeyturnEvent = z.output<typeof eventSchema>;
export type EventType = KeyturnEvent['type'];
export type EventOf<Type extends EventType> = Extract<KeyturnEvent, { type: Type }>;

type WithoutEnvelope<Each> = Each extends KeyturnEvent ? Pick<Each, 'type' | 'severity' | 'data'> : never;
/** What the lifecycle decides of an event; the envelope follows from it. */
export type EventContent = WithoutEnvelope<KeyturnEvent>;

/** @param id the same for every copy of one event: consumers and the topic tell repeats by it. */
export function buildEvent(content: EventContent, id: string, time: Instant): KeyturnEvent {
  const { registry, token } = content.data;
  return {
    specversion: '1.0',
    id,
    source: 'keyturn',
    subject: token === undefined ? registry : subjectOf(registry, token),
    time,
    datacontenttype: 'application/json',
    ...content,
  };
}

/** What subscriptions of the topic can filter by without reading the body. */
export function applicationProperties({ type, severity, data }: KeyturnEvent) {
  const { registry, token } = data;
  const { entrance, owner } = 'entrance' in data ? data : {};
  return {
    type,
    severity,
    registry,
    ...(token === undefined ? {} : { token }),
    ...(entrance === undefined ? {} : { entrance }),
    ...(owner === undefined ? {} : { owner }),
  };
}
