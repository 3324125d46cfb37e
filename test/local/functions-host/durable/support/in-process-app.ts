import type { ActivityHandler, OrchestrationHandler } from 'durable-functions';
import type {
  ActivityInvocation,
  DurableCall,
  DurableFunctionKind,
  DurableInvocationFailure,
  FunctionInvoker,
  OrchestratorInvocation,
} from '../../../../../infra/local/functions-host/durable/function-invoker.ts';
import { df, invokeThroughModel, type RegisteredFunction, registrationsOf } from './programming-model.ts';

export interface AppFunctions {
  readonly orchestrators: Readonly<Record<string, OrchestrationHandler>>;
  readonly activities?: Readonly<Record<string, ActivityHandler>>;
}

/** One invocation, as the app saw it. */
export interface RecordedCall extends DurableCall {
  readonly name: string;
  readonly input: string | undefined;
}

type Ending = { kind: 'returned'; value: unknown } | DurableInvocationFailure;

/** An app whose functions run in this process, registered and invoked through the real libraries. */
export class InProcessApp implements FunctionInvoker {
  readonly calls: RecordedCall[] = [];
  /** Ends the next invocations of functions with these names in another way than they would. */
  readonly endings = new Map<string, Exclude<Ending, { kind: 'returned' }>>();
  readonly #functions = new Map<string, RegisteredFunction>();
  readonly #names: Record<DurableFunctionKind, string[]> = { orchestrator: [], activity: [] };

  constructor(functions: AppFunctions) {
    const { orchestrators, activities = {} } = functions;
    const registrations = registrationsOf(() => {
      for (const [name, handler] of Object.entries(orchestrators)) df.app.orchestration(name, handler);
      for (const [name, handler] of Object.entries(activities)) df.app.activity(name, { handler });
    });
    for (const registration of registrations) {
      const { name, bindings } = registration.metadata;
      const isActivity = Object.values(bindings).some(({ type }) => type === 'activityTrigger');
      const kind = isActivity ? 'activity' : 'orchestrator';
      this.#functions.set(`${kind} ${name.toLowerCase()}`, registration);
      this.#names[kind].push(name);
    }
  }

  registeredName(kind: DurableFunctionKind, name: string): string | undefined {
    return this.#functions.get(`${kind} ${name.toLowerCase()}`)?.metadata.name;
  }

  registeredNames(kind: DurableFunctionKind): readonly string[] {
    return this.#names[kind];
  }

  invokeOrchestrator(
    name: string,
    triggerInput: string,
    call: DurableCall,
  ): Promise<OrchestratorInvocation | DurableInvocationFailure> {
    return this.#invoke('orchestrator', name, triggerInput, call);
  }

  invokeActivity(
    name: string,
    input: string | undefined,
    call: DurableCall,
  ): Promise<ActivityInvocation | DurableInvocationFailure> {
    return this.#invoke('activity', name, input, call);
  }

  async #invoke(
    kind: DurableFunctionKind,
    name: string,
    input: string | undefined,
    call: DurableCall,
  ): Promise<Ending> {
    this.calls.push({ name, input, ...call });
    const registration = this.#functions.get(`${kind} ${name.toLowerCase()}`);
    if (!registration) throw new Error(`${name} is not registered`);
    const ending = this.endings.get(name);
    try {
      const value = await invokeThroughModel(registration, input);
      return ending ?? { kind: 'returned', value };
    } catch (error) {
      return ending ?? threw(error);
    }
  }
}

/** What the worker sends of a thrown value. */
function threw(error: unknown): DurableInvocationFailure {
  if (error instanceof Error) return { kind: 'threw', message: error.message, stack: error.stack };
  const message = error === undefined || error === null ? 'Unknown error' : JSON.stringify(error);
  return { kind: 'threw', message: typeof error === 'string' ? error : message, stack: undefined };
}
