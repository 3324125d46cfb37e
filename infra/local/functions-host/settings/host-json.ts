import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../part.ts';
import { timeSpanInMilliseconds } from './time-span.ts';

const timeSpan = z.string().transform((text, context) => {
  const milliseconds = timeSpanInMilliseconds(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: 'custom', message: `"${text}" is not a time span such as 00:05:00` });
  return z.NEVER;
});

/** .NET configuration has only texts, so `"16"` is as good as `16`. */
const count = (minimum: number) => z.coerce.number({ error: 'must be a whole number' }).int().min(minimum);
const flag = z.union([z.boolean(), z.stringbool()]);

/** The longest time for which Node's timers can be set, about 24 days; more is as good as no limit here. */
const longest = 2 ** 31 - 1;

/** "-1" (which .NET reads as minus one day) means no limit. */
const functionTimeout = z.coerce
  .string()
  .pipe(timeSpan)
  .transform((milliseconds) => (milliseconds === -86_400_000 ? longest : Math.min(milliseconds, longest)))
  .refine((milliseconds) => milliseconds >= 1000, { error: 'FunctionTimeout must be greater than 00:00:01' });

/** -00:00:00.0010000 and a negative duration in general mean: renew for ever. */
const lockRenewal = timeSpan.transform((milliseconds) => (milliseconds < 0 ? Infinity : milliseconds));

const serviceBusSchema = z.object({
  autoCompleteMessages: flag.default(true),
  maxConcurrentCalls: count(1).default(() => 16 * availableParallelism()),
  maxAutoLockRenewalDuration: lockRenewal.default(5 * 60_000),
  prefetchCount: count(0).default(0),
  maxMessageBatchSize: count(1).default(1000),
  minMessageBatchSize: z.coerce
    .number()
    .max(1, { error: 'batches of a minimum size are not supported' })
    .optional(),
  transportType: z
    .string()
    .refine((text) => /^amqpTcp$/i.test(text), { error: 'only amqpTcp is supported' })
    .optional(),
  clientRetryOptions: z
    .object({
      mode: z.string().optional(),
      tryTimeout: timeSpan.optional(),
      delay: timeSpan.optional(),
      maxDelay: timeSpan.optional(),
      maxRetries: count(0).optional(),
    })
    .optional(),
});

const logLevels = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'] as const;

const hostJsonSchema = z.object({
  version: z.literal('2.0', { error: "the 'version' property must be '2.0'" }),
  functionTimeout: functionTimeout.default(30 * 60_000),
  functions: z.array(z.string()).optional(),
  logging: z
    .object({
      logLevel: z.record(z.string(), z.string().toLowerCase().pipe(z.enum(logLevels))).default({}),
    })
    .prefault({}),
  customHandler: z.undefined({ error: 'custom handlers are not supported' }).optional(),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      serviceBus: serviceBusSchema.prefault({}),
      durableTask: z.record(z.string(), z.unknown()).default({}),
    })
    .prefault({}),
});

/** The settings of host.json that this host honours, with the real host's defaults. Durations are in milliseconds. */
export type HostJson = z.output<typeof hostJsonSchema>;
export type ServiceBusSettings = HostJson['extensions']['serviceBus'];
export type LogLevel = (typeof logLevels)[number];

const overridePrefix = 'AzureFunctionsJobHost__';

/**
 * Reads host.json; variables `AzureFunctionsJobHost__a__b` of the environment override its setting `a.b`.
 * @throws UsageError when the file is not JSON or a setting is wrong; it names file, setting and rule.
 */
export async function readHostJson(
  scriptRoot: string,
  environment: Readonly<Record<string, string>>,
): Promise<HostJson> {
  const file = join(scriptRoot, 'host.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{"version":"2.0"}';
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Unable to parse host configuration file '${file}': ${reason}`);
  }
  const parsed = hostJsonSchema.safeParse(withOverrides(json, environment));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(`${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

function withOverrides(json: unknown, environment: Readonly<Record<string, string>>): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  let result = json as Record<string, unknown>;
  for (const [name, value] of Object.entries(environment)) {
    if (!name.toLowerCase().startsWith(overridePrefix.toLowerCase())) continue;
    result = withSetting(result, name.slice(overridePrefix.length).split('__'), value);
  }
  return result;
}

/** A copy in which the value at the path is replaced; names on the path match without regard to case. */
function withSetting(
  object: Record<string, unknown>,
  path: string[],
  value: string,
): Record<string, unknown> {
  const [head = '', ...rest] = path;
  const name = Object.keys(object).find((key) => key.toLowerCase() === head.toLowerCase()) ?? head;
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = object[name];
  const record = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...object, [name]: withSetting(record as Record<string, unknown>, rest, value) };
}
