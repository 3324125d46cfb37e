import { z } from 'zod';
import { durationInMilliseconds } from '../durations.ts';
import { UsageError } from '../part.ts';

/**
 * The `Config.json` of Azure's official Service Bus emulator, with its defaults. What the local Service Bus does not do is
 * refused, never ignored. Limits are the service's own where the emulator's are narrower (time to live, lock, deliveries).
 * Source: Config-schema.json of Azure/azure-service-bus-emulator-installer.
 */

/** The service's largest time to live means that messages never expire. */
const forever = durationInMilliseconds('P10675199D');

const duration = z
  .string()
  .refine(isDuration, { error: 'must be an ISO 8601 duration longer than nothing, such as PT1M' })
  .transform((text) => durationInMilliseconds(text));

const timeToLive = duration.transform((milliseconds) => (milliseconds >= forever ? undefined : milliseconds));

const lockDuration = duration.refine((milliseconds) => milliseconds <= 5 * 60_000, {
  error: 'must not be longer than PT5M',
});

const name = z.string().regex(/^[A-Za-z0-9](?:[\w\-./]*[A-Za-z0-9])?$/, {
  error: 'must consist of letters, digits, and . - _ / between them',
});

const notForwarded = z.literal('', { error: 'must be empty: forwarding is not supported' }).default('');

const noSessions = z.literal(false, { error: 'must be false: sessions are not supported' }).default(false);

const consumption = {
  DeadLetteringOnMessageExpiration: z.boolean().default(false),
  DefaultMessageTimeToLive: timeToLive.prefault('PT1H'),
  ForwardDeadLetteredMessagesTo: notForwarded,
  ForwardTo: notForwarded,
  LockDuration: lockDuration.prefault('PT1M'),
  MaxDeliveryCount: z.int().min(1).max(2000).default(3),
  RequiresSession: noSessions,
};

const duplicateDetection = {
  DuplicateDetectionHistoryTimeWindow: duration.prefault('PT20S'),
  RequiresDuplicateDetection: z.boolean().default(false),
};

const correlationFilter = z
  .strictObject({
    ContentType: z.string(),
    CorrelationId: z.string(),
    Label: z.string(),
    MessageId: z.string(),
    ReplyTo: z.string(),
    ReplyToSessionId: z.string(),
    SessionId: z.string(),
    To: z.string(),
    Properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .partial()
  .refine((filter) => Object.keys(filter).length > 0, { error: 'must name at least one property' });

const noAction = z.undefined({ error: 'must be absent: rule actions are not supported' }).optional();

const ruleProperties = z.discriminatedUnion(
  'FilterType',
  [
    z.strictObject({
      FilterType: z.literal('Correlation'),
      CorrelationFilter: correlationFilter,
      Action: noAction,
    }),
    z.strictObject({
      FilterType: z.literal('Sql'),
      SqlFilter: z.strictObject({
        SqlExpression: z.literal('1=1', {
          error: 'must be "1=1" (everything): SQL filters are not supported',
        }),
      }),
      Action: noAction,
    }),
  ],
  { error: 'must be "Correlation" or "Sql"' },
);

const subscription = z.strictObject({
  Name: name,
  Properties: z.strictObject(consumption).prefault({}),
  Rules: z
    .array(z.strictObject({ Name: name, Properties: ruleProperties }))
    .superRefine(refuseRepeatedNames)
    .default([]),
});

const topic = z.strictObject({
  Name: name,
  Properties: z
    .strictObject({ DefaultMessageTimeToLive: consumption.DefaultMessageTimeToLive, ...duplicateDetection })
    .prefault({}),
  Subscriptions: z.array(subscription).superRefine(refuseRepeatedNames).default([]),
});

const queue = z.strictObject({
  Name: name,
  Properties: z.strictObject({ ...consumption, ...duplicateDetection }).prefault({}),
});

const namespace = z
  .strictObject({
    Name: name,
    Queues: z.array(queue).default([]),
    Topics: z.array(topic).default([]),
  })
  .superRefine(({ Queues, Topics }, context) => refuseRepeatedNames([...Queues, ...Topics], context));

export const emulatorConfigSchema = z.strictObject({
  UserConfig: z.strictObject({
    Namespaces: z.tuple([namespace], { error: 'must hold exactly one namespace' }),
    /** Accepted for the format's sake. */
    Logging: z.strictObject({ Type: z.string() }).optional(),
  }),
});

export type EmulatorConfig = z.input<typeof emulatorConfigSchema>;
export type NamespaceConfig = z.output<typeof namespace>;
export type QueueConfig = z.output<typeof queue>;
export type TopicConfig = z.output<typeof topic>;
export type SubscriptionConfig = z.output<typeof subscription>;
export type RuleConfig = z.output<typeof ruleProperties>;

/**
 * Checks a configuration and returns its one namespace, durations in milliseconds.
 * @throws UsageError with the path and the rule of the first thing that is wrong.
 */
export function readEmulatorConfig(config: unknown): NamespaceConfig {
  const result = emulatorConfigSchema.safeParse(config);
  if (result.success) return result.data.UserConfig.Namespaces[0];
  const [issue] = result.error.issues;
  const path = z.core.toDotPath(issue?.path ?? []) || 'the document';
  throw new UsageError(`Service Bus configuration: ${path}: ${issue?.message}`);
}

/**
 * Reads the text of a `Config.json`, in which the official one holds comments.
 * @throws UsageError when it is not JSON.
 */
export function parseEmulatorConfigText(text: string): unknown {
  const withoutComments = text.replace(
    /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, quoted: string | undefined) => quoted ?? '',
  );
  try {
    return JSON.parse(withoutComments);
  } catch (error) {
    throw new UsageError(`Service Bus configuration: not JSON (${(error as Error).message})`);
  }
}

function refuseRepeatedNames(named: readonly { readonly Name: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const { Name } of named) {
    if (seen.has(Name.toLowerCase())) context.addIssue({ code: 'custom', message: `has "${Name}" twice` });
    seen.add(Name.toLowerCase());
  }
}

function isDuration(text: string): boolean {
  try {
    return durationInMilliseconds(text) > 0;
  } catch {
    return false;
  }
}
