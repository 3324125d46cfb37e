import { z } from 'zod';
import { instantSchema } from '../contracts/instants.ts';

const example = z.object({
  token: z.string().optional(),
  owner: z.string().optional(),
  severity: z.enum(['warning', 'critical']),
  since: instantSchema,
  deadline: instantSchema.optional(),
  /** It is mended by now. */
  resolved: z.literal(true).optional(),
});

const who = z.object({
  kind: z.string(),
  name: z.string().optional(),
  objectId: z.string().optional(),
  applicationId: z.string().optional(),
  address: z.string().optional(),
  correlationId: z.string().optional(),
});

/** An alert as it is sent: the JSON of generic sinks, of which the others show the most important. See docs/alerts.md. */
export const alertSchema = z.object({
  /** The same for every copy of one notification. */
  id: z.string(),
  /** The same for all notifications of alerts that are told together. */
  group: z.string(),
  /** Counts the notifications of the group. */
  number: z.int(),
  kind: z.enum(['first', 'summary', 'rise', 'growth', 'hourly', 'resolved']),
  time: instantSchema,
  /** Such as `disabledOutOfBand`; every one has a runbook. */
  alert: z.string(),
  severity: z.enum(['warning', 'critical']),
  title: z.string(),
  registry: z.string().optional(),
  loginServer: z.string().optional(),
  /** The sink that fails. */
  sink: z.string().optional(),
  /** How many tokens, registries or sinks it is about, and how many of them are not mended. */
  count: z.int(),
  open: z.int(),
  /** The most urgent ones. */
  examples: z.array(example),
  /** Where all of them are. */
  listAll: z.string().optional(),
  /** What works no longer, or who can do what. */
  impact: z.string(),
  since: instantSchema,
  /** The first moment at which a published password stops working. */
  deadline: instantSchema.optional(),
  who: who.optional(),
  /** The likely cause, or the code of the failure. */
  cause: z.string().optional(),
  evidence: z.array(z.string()),
  done: z.string().optional(),
  next: z.object({ what: z.string(), at: instantSchema.optional() }).optional(),
  toDo: z.object({
    advice: z.string().optional(),
    runbook: z.string(),
    /** To have a look. */
    command: z.string().optional(),
  }),
});

export type Alert = z.output<typeof alertSchema>;
