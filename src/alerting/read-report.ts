import { z } from 'zod';
import { type EventOf, eventSchema, type KeyturnEvent } from '../contracts/events.ts';
import { instantSchema } from '../contracts/instants.ts';
import { registryNameSchema, tokenNameSchema } from '../contracts/names.ts';
import { incidentOfDrift } from './drift-incident.ts';
import { incidentOfEvent } from './event-incident.ts';
import { type Incident, type Report, type Resolution, wholeRegistry } from './incident.ts';

/**
 * What an event tells alerting; `nothing` if it neither is an alert nor ends one. An event that only another release
 * can read is an alert all the same, with what its envelope says. Undefined: it is no event at all.
 */
export function readReport(body: Uint8Array): Report | 'nothing' | undefined {
  const json = jsonOf(body);
  const event = eventSchema.safeParse(json);
  if (event.success) return reportOf(event.data);
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) return undefined;
  return envelope.data.severity === 'info' ? 'nothing' : unknownIncident(envelope.data);
}

function reportOf(event: KeyturnEvent): Report | 'nothing' {
  switch (event.type) {
    case 'keyturn.token.drift-resolved':
    case 'keyturn.registry.drift-resolved':
      return resolutionOf(event);
    case 'keyturn.token.drift-detected':
    case 'keyturn.registry.drift-detected':
      return incidentOfDrift(event, event.data.drift);
    case 'keyturn.token.disabled':
    case 'keyturn.token.deleted':
    case 'keyturn.token.revoked':
      return event.data.drift ? incidentOfDrift(event, event.data.drift) : incidentOfEvent(event);
    default:
      return event.severity === 'info' ? 'nothing' : incidentOfEvent(event);
  }
}

function resolutionOf(
  event: EventOf<'keyturn.token.drift-resolved' | 'keyturn.registry.drift-resolved'>,
): Resolution {
  const { registry, token = wholeRegistry, finding } = event.data;
  return {
    kind: 'resolution',
    id: event.id,
    time: event.time,
    about: { alert: finding, registry },
    subject: token,
  };
}

/** As much as every event of every release has. */
const envelopeSchema = z.object({
  id: z.string().min(1).max(256),
  type: z.string().regex(/^keyturn\.[a-z-]+\.[a-z-]+$/),
  time: instantSchema,
  severity: z.enum(['info', 'warning', 'critical']),
  data: z.object({ registry: registryNameSchema, token: tokenNameSchema.optional() }),
});

function unknownIncident({ id, type, time, severity, data }: z.output<typeof envelopeSchema>): Incident {
  const { registry, token } = data;
  return {
    kind: 'incident',
    id,
    time,
    about: { alert: 'unknownAlert', registry, cause: type },
    subject: token ?? wholeRegistry,
    facts: {
      severity: severity === 'critical' ? 'critical' : 'warning',
      token,
      since: time,
      evidence: [`The event is a ${type}, and another release of Keyturn wrote it.`],
    },
  };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
