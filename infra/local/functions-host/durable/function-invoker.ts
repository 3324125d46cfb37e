/**
 * How the durable engine calls the app's functions. The runtime implements this; the engine decides when to call and what the
 * answers mean.
 */
export interface FunctionInvoker {
  /**
   * The registered spelling of an orchestrator's or activity's name, or undefined when there is none.
   * Names are compared without regard to case.
   */
  registeredName(kind: DurableFunctionKind, name: string): string | undefined;

  /** All registered names of that kind, for messages that say what there is. */
  registeredNames(kind: DurableFunctionKind): readonly string[];

  /**
   * Runs one episode of an orchestrator. `triggerInput` is the JSON text that the worker gets as typed data `{string}` for the
   * `orchestrationTrigger`.
   */
  invokeOrchestrator(
    name: string,
    triggerInput: string,
    call: DurableCall,
  ): Promise<OrchestratorInvocation | DurableInvocationFailure>;

  /**
   * Runs an activity. `input` is the text that the worker gets as typed data `{string}` for the `activityTrigger` (JSON text
   * for objects, the bare text for strings, `True`/`False` for booleans); undefined means typed data `{}`. The trigger's
   * metadata has `instanceId` and `data`.
   */
  invokeActivity(
    name: string,
    input: string | undefined,
    call: DurableCall,
  ): Promise<ActivityInvocation | DurableInvocationFailure>;
}

/** The kinds of durable function that the engine calls. */
export type DurableFunctionKind = 'orchestrator' | 'activity';

/** Whose work an invocation is, for logs. */
export interface DurableCall {
  readonly instanceId: string;
  /** The task's id inside its orchestration; undefined for an episode of the orchestrator itself. */
  readonly taskId?: number;
}

/** The orchestrator gave its state. */
export interface OrchestratorInvocation {
  readonly kind: 'returned';
  /** The state object, or its JSON text. */
  readonly value: unknown;
}

/** The activity ended well. */
export interface ActivityInvocation {
  readonly kind: 'returned';
  /** What it returned, as the host decodes the typed data: text, number, parsed JSON, bytes; undefined when nothing was sent. */
  readonly value: unknown;
}

/** Ways in which an invocation can end without an answer. */
export type DurableInvocationFailure =
  /** The function threw; `message` as the worker sent it, before any scrubbing. */
  | { readonly kind: 'threw'; readonly message: string; readonly stack: string | undefined }
  /**
   * The function ran longer than the function time-out; `message` for example
   * `Timeout value of 00:05:00 was exceeded by function: Functions.work`. An activity fails its task, an episode is tried again.
   */
  | { readonly kind: 'timedOut'; readonly message: string }
  /**
   * The worker process ended while it ran the function; `message` for example `node exited with code 1 (0x1)`. An episode ends
   * its instance as Failed, an activity fails its task.
   */
  | { readonly kind: 'workerExited'; readonly message: string }
  /** The host is stopping or has no worker: nothing ran to an end, and the work is given back to be done later. */
  | { readonly kind: 'abandoned' };
