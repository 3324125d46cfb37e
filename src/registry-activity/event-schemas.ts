import { z } from 'zod';
import { instantSchema } from '../contracts/instants.ts';

/**
 * Text that other people chose, made fit to be shown: without control and formatting characters, and cut. What is
 * missing or no text is as good as nothing; no report is lost for it.
 */
function shownText(longest: number) {
  return z
    .string()
    .transform((text) => cleanText(text, longest))
    .optional()
    .catch(undefined);
}

function cleanText(text: string, longest: number): string | undefined {
  const start = text.slice(0, 4 * longest).replace(/[\p{C}\s]+/gu, ' ');
  return [...start.trim()].slice(0, longest).join('') || undefined;
}

/** An object that may be missing, broken, or written as a text, as some of Azure's libraries declare it. */
function looseObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(readText, z.object(shape)).optional().catch(undefined);
}

function readText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

const longestId = 128;
const longestName = 256;

/** The claims of the caller that are read, under the names by which the activity log knows them, and their short ones. */
const claims = {
  appid: shownText(longestId),
  azp: shownText(longestId),
  idtyp: shownText(longestId),
  ipaddr: shownText(longestId),
  name: shownText(longestName),
  oid: shownText(longestId),
  scp: shownText(longestName),
  upn: shownText(longestName),
  unique_name: shownText(longestName),
  /** Resource id of a managed identity. */
  xms_mirid: shownText(1_000),
  'http://schemas.microsoft.com/identity/claims/objectidentifier': shownText(longestId),
  'http://schemas.microsoft.com/identity/claims/scope': shownText(longestName),
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name': shownText(longestName),
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': shownText(longestName),
};

const data = z.object({
  operationName: z.string(),
  resourceUri: z.string().optional().catch(undefined),
  correlationId: shownText(longestId),
  httpRequest: looseObject({
    clientRequestId: shownText(longestId),
    clientIpAddress: shownText(longestId),
  }),
  claims: looseObject(claims),
  authorization: looseObject({
    scope: z.string().optional().catch(undefined),
    evidence: looseObject({ principalType: shownText(longestId) }),
  }),
});

const id = z.string().min(1).max(256);
const subject = z.string().optional().catch(undefined);

/** An event in Event Grid's own schema. */
export const eventGridEventSchema = z
  .object({ id, eventType: z.string(), eventTime: instantSchema, subject, data })
  .transform(({ eventType, eventTime, ...rest }) => ({ ...rest, type: eventType, time: eventTime }));

/** An event in the schema of CloudEvents 1.0. */
export const cloudEventSchema = z
  .object({ specversion: z.literal('1.0'), id, type: z.string(), time: instantSchema, subject, data })
  .transform(({ specversion, ...rest }) => rest);

/** What both schemas come to. */
export type ResourceEvent = z.output<typeof eventGridEventSchema>;
