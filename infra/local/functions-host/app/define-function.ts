import { z } from 'zod';
import type { AppSettings } from '../settings/app-settings.ts';
import type {
  RegisteredBinding,
  RegisteredFunction,
  RegisteredRetryOptions,
} from '../worker/worker-messages.ts';
import type {
  DurableClientInput,
  FunctionDefinition,
  RetryOptions,
  ServiceBusOutput,
  Trigger,
} from './function-definition.ts';

const text = z.string().min(1);
const flag = z.union([z.boolean(), z.stringbool()]);

const httpOptions = z.object({
  route: z.string().nullish(),
  methods: z.array(z.string().toUpperCase()).nullish(),
  authLevel: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['anonymous', 'function', 'admin'], { error: 'must be anonymous, function or admin' }))
    .default('anonymous'),
});

const timerOptions = z.object({
  schedule: text,
  runOnStartup: flag.default(false),
  useMonitor: flag.default(true),
});

const serviceBusOptions = z
  .object({
    queueName: text.optional(),
    topicName: text.optional(),
    subscriptionName: text.optional(),
    connection: z.string().optional(),
    cardinality: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['one', 'many']))
      .default('one'),
    dataType: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['string', 'binary'], { error: 'must be string or binary' }))
      .default('string'),
    autoCompleteMessages: flag.optional(),
    isSessionsEnabled: z.literal([false, 'false'], { error: 'sessions are not supported' }).optional(),
  })
  .transform(({ queueName, topicName, subscriptionName, ...rest }, context) => {
    if (queueName) return { ...rest, source: { queue: queueName } };
    if (topicName && subscriptionName)
      return { ...rest, source: { topic: topicName, subscription: subscriptionName } };
    context.addIssue({ code: 'custom', message: 'needs queueName, or topicName and subscriptionName' });
    return z.NEVER;
  });

const serviceBusOutputOptions = z
  .object({ queueName: text.optional(), topicName: text.optional(), connection: z.string().optional() })
  .transform(({ queueName, topicName, connection }, context) => {
    const entity = queueName ?? topicName;
    if (entity) return { entity, connection };
    context.addIssue({ code: 'custom', message: 'needs queueName or topicName' });
    return z.NEVER;
  });

const durableClientOptions = z.object({
  taskHub: text.optional(),
  connectionName: text.optional(),
});

const validName = /^(?!host$)[a-z][a-z0-9_-]{0,127}$/i;

/** A function as it can run here, or every reason why it cannot. */
export type DefineResult =
  | { readonly definition: FunctionDefinition; readonly problems?: undefined }
  | { readonly definition?: undefined; readonly problems: readonly string[] };

/** Checks a registered function and resolves `%SETTING%` in its options. */
export function defineFunction(registered: RegisteredFunction, settings: AppSettings): DefineResult {
  const problems: string[] = [];
  const bindings = Object.entries(registered.bindings).map(([name, binding]) => ({
    ...resolveOptions(binding, settings, problems),
    name,
  }));
  if (!validName.test(registered.name)) problems.push(`'${registered.name}' is not a valid function name.`);
  for (const { type, properties } of bindings)
    if (properties?.supportsDeferredBinding === 'true') problems.push(`${type}: sdkBinding is not supported`);

  const triggers = bindings.filter(({ type }) => /trigger$/i.test(type));
  const [triggerBinding] = triggers;
  if (triggers.length > 1)
    problems.push('Multiple trigger bindings defined. A function can only have a single trigger binding.');
  if (!triggerBinding)
    return {
      problems: [...problems, 'No trigger binding specified. A function must have a trigger input binding.'],
    };
  const trigger = defineTrigger(triggerBinding, registered.name, problems);
  const durableClients: DurableClientInput[] = [];
  const outputs: ServiceBusOutput[] = [];
  for (const binding of bindings) {
    if (triggers.includes(binding)) continue;
    if (binding.direction === 'in') defineInput(binding, durableClients, problems);
    else defineOutput(binding, trigger, outputs, problems);
  }
  if (!trigger || problems.length > 0) return { problems };
  return {
    definition: {
      id: registered.functionId,
      name: registered.name,
      triggerName: triggerBinding.name,
      trigger,
      durableClients,
      outputs,
      isDisabled: settings.isDisabled(registered.name),
      retry: registered.retryOptions && retryOptions(registered.retryOptions),
    },
  };
}

function defineTrigger(
  binding: RegisteredBinding,
  functionName: string,
  problems: string[],
): Trigger | undefined {
  switch (binding.type.toLowerCase()) {
    case 'httptrigger': {
      const options = parse(httpOptions, binding, problems);
      if (!options) return undefined;
      const route = (options.route?.trim() || functionName).replace(/^\/+|\/+$/g, '');
      return { kind: 'http', route, methods: options.methods ?? undefined, authLevel: options.authLevel };
    }
    case 'timertrigger': {
      const options = parse(timerOptions, binding, problems);
      return options && { kind: 'timer', ...options };
    }
    case 'servicebustrigger': {
      const options = parse(serviceBusOptions, binding, problems);
      if (!options) return undefined;
      const { source, connection, cardinality, dataType, autoCompleteMessages } = options;
      return { kind: 'serviceBus', source, connection, cardinality, dataType, autoCompleteMessages };
    }
    case 'orchestrationtrigger':
      return { kind: 'orchestration' };
    case 'activitytrigger':
      return { kind: 'activity' };
    default:
      problems.push(`${binding.type} is not supported`);
      return undefined;
  }
}

function defineInput(
  binding: RegisteredBinding,
  durableClients: DurableClientInput[],
  problems: string[],
): void {
  if (!['durableclient', 'orchestrationclient'].includes(binding.type.toLowerCase())) {
    problems.push(`the input binding ${binding.type} is not supported`);
    return;
  }
  const options = parse(durableClientOptions, binding, problems);
  if (options)
    durableClients.push({
      bindingName: binding.name,
      taskHub: options.taskHub,
      connectionName: options.connectionName,
    });
}

function defineOutput(
  binding: RegisteredBinding,
  trigger: Trigger | undefined,
  outputs: ServiceBusOutput[],
  problems: string[],
): void {
  const type = binding.type.toLowerCase();
  if (type === 'servicebus') {
    const options = parse(serviceBusOutputOptions, binding, problems);
    if (options) outputs.push({ bindingName: binding.name, ...options, connection: options.connection });
  } else if (type !== 'http') {
    problems.push(`the output binding ${binding.type} is not supported`);
  } else if (trigger && trigger.kind !== 'http') {
    problems.push('the output binding http needs an HTTP trigger');
  }
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  binding: RegisteredBinding,
  problems: string[],
): z.output<Schema> | undefined {
  const parsed = schema.safeParse(binding);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues)
    problems.push([binding.type, path.join('.'), message].filter((part) => part !== '').join(': '));
  return undefined;
}

function resolveOptions(
  binding: RegisteredBinding,
  settings: AppSettings,
  problems: string[],
): RegisteredBinding {
  const resolved: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(binding)) {
    try {
      resolved[option] = typeof value === 'string' ? settings.resolve(value) : value;
    } catch (error) {
      problems.push(`${binding.type}: ${option}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { ...binding, ...resolved };
}

function retryOptions(options: RegisteredRetryOptions): RetryOptions {
  const milliseconds = (interval: { seconds: number } | undefined) => (interval?.seconds ?? 0) * 1000;
  const { maxRetryCount, delayInterval, minimumInterval, maximumInterval } = options;
  return options.retryStrategy === 'fixedDelay'
    ? { strategy: 'fixedDelay', maxRetryCount, delay: milliseconds(delayInterval) }
    : {
        strategy: 'exponentialBackoff',
        maxRetryCount,
        minimum: milliseconds(minimumInterval),
        maximum: milliseconds(maximumInterval),
      };
}
