import { z } from 'zod';

/** Numbers by which the library tells its actions apart. */
export const ActionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  callEntity: 7,
  callHttp: 8,
  signalEntity: 9,
  whenAny: 11,
  whenAll: 12,
  lockEntities: 13,
  releaseEntities: 14,
} as const;

/** The extension reads these numbers as 32-bit integers, and fails the instance when they do not fit. */
const int32 = z.number().transform((value, context) => {
  const rounded = Math.round(value);
  if (Math.abs(rounded) <= 2 ** 31 - 1) return rounded;
  context.addIssue({ code: 'custom', message: 'Value was either too large or too small for an Int32.' });
  return z.NEVER;
});

const retryOptions = z.object({
  firstRetryIntervalInMilliseconds: int32.refine((value) => value > 0, {
    error: 'Invalid interval.  Specify a TimeSpan value greater then TimeSpan.Zero.',
  }),
  maxNumberOfAttempts: int32,
  backoffCoefficient: z.number().default(1),
  maxRetryIntervalInMilliseconds: int32.optional(),
  retryTimeoutInMilliseconds: int32.optional(),
});

const instant = z.union([z.string(), z.date().transform((date) => date.toISOString())]);

const functionCall = { functionName: z.string(), input: z.unknown().optional() };
const instanceId = z.string().nullish();

const orchestratorAction = z.discriminatedUnion('actionType', [
  z.object({ actionType: z.literal(ActionType.callActivity), ...functionCall }),
  z.object({ actionType: z.literal(ActionType.callActivityWithRetry), ...functionCall, retryOptions }),
  z.object({ actionType: z.literal(ActionType.callSubOrchestrator), ...functionCall, instanceId }),
  z.object({
    actionType: z.literal(ActionType.callSubOrchestratorWithRetry),
    ...functionCall,
    instanceId,
    retryOptions,
  }),
  z.object({ actionType: z.literal(ActionType.continueAsNew), input: z.unknown().optional() }),
  z.object({ actionType: z.literal(ActionType.createTimer), fireAt: instant, isCanceled: z.boolean() }),
  z.object({ actionType: z.literal(ActionType.waitForExternalEvent), externalEventName: z.string() }),
  z.object({ actionType: z.literal(ActionType.callEntity) }),
  z.object({ actionType: z.literal(ActionType.callHttp) }),
  z.object({ actionType: z.literal(ActionType.signalEntity) }),
  z.object({
    actionType: z.literal(ActionType.whenAny),
    get compoundActions() {
      return z.array(orchestratorAction);
    },
  }),
  z.object({
    actionType: z.literal(ActionType.whenAll),
    get compoundActions() {
      return z.array(orchestratorAction);
    },
  }),
  z.object({ actionType: z.literal(ActionType.lockEntities) }),
  z.object({ actionType: z.literal(ActionType.releaseEntities) }),
]);

/** What the orchestrator's handler returns, or carries in the message that it throws. */
export const orchestratorState = z.object({
  isDone: z.boolean(),
  /** One inner array with everything that was started since the generation began. */
  actions: z.array(z.array(orchestratorAction)),
  output: z.unknown().optional(),
  error: z.string().nullish(),
  customStatus: z.unknown().optional(),
  schemaVersion: z.number().default(0),
});

export type RetryOptions = z.output<typeof retryOptions>;
export type OrchestratorAction = z.output<typeof orchestratorAction>;
export type OrchestratorState = z.output<typeof orchestratorState>;
