import { z } from 'zod';
import { problemsOf } from '../contracts/violations.ts';
import { cloudEventSchema, eventGridEventSchema, type ResourceEvent } from './event-schemas.ts';
import { type RegistryReport, type ReportedOperation, reportedOperations } from './registry-report.ts';
import { type ReportRejection, reportRejection } from './report-rejections.ts';
import { reportedActor } from './reported-actor.ts';
import { type ReportedResource, reportedResource } from './reported-resource.ts';

export type ReadReports =
  | {
      readonly ok: true;
      readonly reports: readonly RegistryReport[];
      /** How many events are of no interest: failed operations, other resources, Event Grid's own. */
      readonly ignored: number;
      /** Of the events in an array that cannot be read, while others can. */
      readonly rejections: readonly ReportRejection[];
    }
  /** Nothing in the message can be read. */
  | { readonly ok: false; readonly rejection: ReportRejection };

type ReadEvent = { report: RegistryReport } | { rejection: ReportRejection } | 'ignored';

/** The largest event that Event Grid delivers. */
export const mostReportBytes = 1_048_576;

const successTypes: ReadonlySet<string> = new Set([
  'microsoft.resources.resourcewritesuccess',
  'microsoft.resources.resourcedeletesuccess',
  'microsoft.resources.resourceactionsuccess',
]);

const operationByName = new Map(
  Object.entries(reportedOperations).map(([operation, name]) => [name.toLowerCase(), operation]),
) as ReadonlyMap<string, ReportedOperation>;

/** As much of an event as tells whether it is of interest. */
const eventType = z.union([
  z.object({ eventType: z.string() }).transform((event) => event.eventType),
  z.object({ type: z.string() }).transform((event) => event.type),
]);

const knownNames: ReadonlySet<string> = new Set(
  'id eventType eventTime specversion type time data operationName'.split(' '),
);

/**
 * Reads the body of a message of queue `registry-activity`: one event or an array of them, in the schema of Event Grid or of
 * CloudEvents. Never throws, and lets nothing through that it does not know.
 */
export function readRegistryReports(body: Uint8Array): ReadReports {
  if (body.byteLength > mostReportBytes) return { ok: false, rejection: reportRejection('tooLarge') };
  const json = parseJson(body);
  if (!json) return { ok: false, rejection: reportRejection('notJson') };
  const events = (Array.isArray(json.value) ? json.value : [json.value]).map(readEvent);
  const rejections = events.flatMap((event) =>
    event !== 'ignored' && 'rejection' in event ? [event.rejection] : [],
  );
  const [rejection] = rejections;
  if (rejection && rejections.length === events.length) return { ok: false, rejection };
  return {
    ok: true,
    reports: events.flatMap((event) => (event !== 'ignored' && 'report' in event ? [event.report] : [])),
    ignored: events.filter((event) => event === 'ignored').length,
    rejections,
  };
}

function readEvent(value: unknown): ReadEvent {
  // Events of other types hold other data, so the type is looked at first.
  const type = eventType.safeParse(value).data;
  if (type !== undefined && !successTypes.has(type.toLowerCase())) return 'ignored';
  const isCloudEvent = typeof value === 'object' && value !== null && 'specversion' in value;
  const schema = isCloudEvent ? cloudEventSchema : eventGridEventSchema;
  const { success, data: event, error } = schema.safeParse(value, { reportInput: true });
  if (!success) return { rejection: reportRejection('notResourceEvent', problemsOf(error, knownNames)) };
  const operation = operationByName.get(event.data.operationName.toLowerCase());
  return operation === undefined ? 'ignored' : readReport(event, operation);
}

function readReport(event: ResourceEvent, kind: ReportedOperation): ReadEvent {
  const { data, subject } = event;
  const ids = [data.resourceUri, subject, data.authorization?.scope].filter((id) => id !== undefined);
  const facts = {
    id: event.id,
    at: event.time,
    actor: reportedActor(event),
    correlationId: data.correlationId,
    clientRequestId: data.httpRequest?.clientRequestId,
  };
  for (const resource of ids.map(reportedResource)) {
    const named = resource && namedBy(kind, resource);
    if (named) return { report: { ...facts, registryId: resource.registryId, ...named } };
  }
  return { rejection: reportRejection('unreadableResource') };
}

type Named = RegistryReport extends infer Report
  ? Report extends RegistryReport
    ? Pick<Report, Extract<keyof Report, 'kind' | 'token' | 'scopeMap'>>
    : never
  : never;

/** The operation with what it was done to; `undefined` when the resource is not of the kind that it must be. */
function namedBy(kind: ReportedOperation, { token, scopeMap }: ReportedResource): Named | undefined {
  switch (kind) {
    case 'tokenWritten':
    case 'tokenDeleted':
      return token === undefined ? undefined : { kind, token };
    case 'scopeMapWritten':
    case 'scopeMapDeleted':
      return scopeMap === undefined ? undefined : { kind, scopeMap };
    case 'credentialsGenerated':
      return { kind, token };
    default:
      return { kind };
  }
}

function parseJson(body: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return undefined;
  }
}
