import type { InvocationRequest, InvocationResponse } from '../typed-data.ts';
import type {
  AppRegistry,
  CoreInvocationContext,
  FunctionCallback,
  FunctionMetadata,
} from './app-registry.ts';
import { reusesTask } from './reused-tasks.ts';
import { SystemError } from './worker-errors.ts';
import type { InvocationOfLog, WorkerLogger } from './worker-log.ts';

/**
 * Runs one invocation with its hooks, in the real worker's order: arguments, preInvocation hooks (which may replace inputs and
 * callback), the function, postInvocation hooks (which may replace result and error), response.
 * @throws what the function or a hook threw, unless a postInvocation hook cleared it.
 */
export async function runInvocation(
  registry: AppRegistry,
  request: InvocationRequest,
  logger: WorkerLogger,
): Promise<InvocationResponse> {
  const found = registry.find(request.functionId);
  const model = registry.model;
  if (!found || !model)
    throw new SystemError(`Function code for '${request.functionId}' is not loaded and cannot be invoked.`);

  const hookData: Record<string, unknown> = {};
  const belonging: InvocationOfLog = {
    functionName: found.metadata.name,
    invocationId: request.invocationId,
    hookData,
    invocationContext: undefined,
  };
  const core = coreContext(request, found.metadata, belonging, logger);
  const invocation = await model.getInvocationModel(core);
  const { context, inputs } = await invocation.getArguments();
  belonging.invocationContext = context;

  const shared = {
    get hookData() {
      return hookData;
    },
    get appHookData() {
      return registry.appHookData;
    },
    get invocationContext() {
      return context;
    },
  };
  const before = inherit(shared, { functionCallback: found.callback, inputs });
  await inState(core, 'preInvocationHooks', () => registry.runHooks('preInvocation', before));

  const after = inherit(shared, { inputs: before.inputs, result: null as unknown, error: null as unknown });
  const callback: FunctionCallback = before.functionCallback;
  await inState(core, 'invocation', async () => {
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, callback);
      warnOfReusedTask(core, after.result);
    } catch (thrown) {
      after.error = thrown;
    }
  });
  await inState(core, 'postInvocationHooks', () => registry.runHooks('postInvocation', after));
  if (after.error !== null && after.error !== undefined) throw after.error;
  return await invocation.getResponse(context, after.result);
}

function coreContext(
  request: InvocationRequest,
  metadata: FunctionMetadata,
  belonging: InvocationOfLog,
  logger: WorkerLogger,
): CoreInvocationContext {
  return {
    invocationId: request.invocationId,
    request,
    metadata,
    state: undefined,
    log: (level, category, message) => logger.log(level, category, message, belonging),
  };
}

/** Orchestrators of this thread that have been warned about. */
const warned = new Set<string>();

function warnOfReusedTask({ metadata, log }: CoreInvocationContext, state: unknown): void {
  const isOrchestrator = Object.values(metadata.bindings).some(({ type }) => type === 'orchestrationTrigger');
  if (!isOrchestrator || warned.has(metadata.name) || !reusesTask(state)) return;
  warned.add(metadata.name);
  log(
    'warning',
    'system',
    'waits for one task in more than one Task.any or Task.all: on the real host its task ids drift (durable-js issue 574)',
  );
}

/** The getters of `shared` with properties of its own. */
function inherit<Shared extends object, Own extends object>(shared: Shared, own: Own): Shared & Own {
  return Object.assign(Object.create(shared), own);
}

async function inState(
  core: CoreInvocationContext,
  state: CoreInvocationContext['state'],
  run: () => Promise<void>,
): Promise<void> {
  core.state = state;
  try {
    await run();
  } finally {
    core.state = undefined;
  }
}
