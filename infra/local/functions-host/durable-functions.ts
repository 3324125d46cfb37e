import type { FunctionDefinition } from './app/function-definition.ts';
import type {
  ActivityInvocation,
  DurableCall,
  DurableFunctionKind,
  DurableInvocationFailure,
  FunctionInvoker,
  OrchestratorInvocation,
} from './durable/function-invoker.ts';
import type { FunctionCaller } from './invocations/function-caller.ts';
import { fromTypedData } from './typed-data.ts';

/** Lets the durable engine call the app's orchestrators and activities. */
export class DurableFunctions implements FunctionInvoker {
  readonly #byKindAndName = new Map<string, FunctionDefinition>();
  readonly #caller: FunctionCaller;

  constructor(definitions: readonly FunctionDefinition[], caller: FunctionCaller) {
    this.#caller = caller;
    for (const definition of definitions) {
      if (definition.trigger.kind === 'orchestration')
        this.#byKindAndName.set(keyOf('orchestrator', definition.name), definition);
      if (definition.trigger.kind === 'activity')
        this.#byKindAndName.set(keyOf('activity', definition.name), definition);
    }
  }

  registeredName(kind: DurableFunctionKind, name: string): string | undefined {
    return this.#byKindAndName.get(keyOf(kind, name))?.name;
  }

  registeredNames(kind: DurableFunctionKind): string[] {
    return [...this.#byKindAndName].filter(([key]) => key.startsWith(`${kind} `)).map(([, { name }]) => name);
  }

  async invokeOrchestrator(
    name: string,
    triggerInput: string,
    { instanceId }: DurableCall,
  ): Promise<OrchestratorInvocation | DurableInvocationFailure> {
    const end = await this.#caller.call(this.#find('orchestrator', name), {
      input: { string: triggerInput },
      trigger: `orchestration ${instanceId}`,
      describeFailure: orchestratorError,
    });
    if (end.kind !== 'returned') return end;
    const { returnValue } = end.response;
    return { kind: 'returned', value: returnValue?.json ?? fromTypedData(returnValue) };
  }

  async invokeActivity(
    name: string,
    input: string | undefined,
    { instanceId, taskId }: DurableCall,
  ): Promise<ActivityInvocation | DurableInvocationFailure> {
    const data = input === undefined ? {} : { string: input };
    const end = await this.#caller.call(this.#find('activity', name), {
      input: data,
      metadata: { instanceId: { string: instanceId }, ...(input === undefined ? {} : { data }) },
      trigger: `orchestration ${instanceId}, task ${taskId}`,
    });
    if (end.kind !== 'returned') return end;
    return { kind: 'returned', value: fromTypedData(end.response.returnValue) };
  }

  #find(kind: DurableFunctionKind, name: string): FunctionDefinition {
    const definition = this.#byKindAndName.get(keyOf(kind, name));
    if (!definition) throw new Error(`There is no ${kind} function "${name}"`);
    return definition;
  }
}

function keyOf(kind: DurableFunctionKind, name: string): string {
  return `${kind} ${name.toLowerCase()}`;
}

const stateLabel = '\n\n$OutOfProcData$:';

/** The orchestrator's own words in the message with its whole state that the library throws. */
function orchestratorError(message: string): string {
  const position = message.indexOf(stateLabel);
  if (position < 0) return message;
  try {
    const { error } = JSON.parse(message.slice(position + stateLabel.length)) as { error?: unknown };
    return typeof error === 'string' ? error : 'it threw something that is no Error, or has no text';
  } catch {
    return message;
  }
}
