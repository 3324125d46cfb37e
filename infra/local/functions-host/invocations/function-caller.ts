import { randomUUID } from 'node:crypto';
import type { DurableClientInput, FunctionDefinition, ServiceBusOutput } from '../app/function-definition.ts';
import { hideCredentials } from '../durable/hide-credentials.ts';
import type { HostLog } from '../log/host-log.ts';
import type { InvocationRequest, InvocationResponse, RetryContext, TypedData } from '../typed-data.ts';
import type { InvocationEnd } from '../worker/app-worker.ts';
import { createTraceContext } from './trace-context.ts';

/** One run of a function, as its trigger asks for it. */
export interface FunctionCall {
  readonly input: TypedData;
  readonly metadata?: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RetryContext;
  /** The caller's `traceparent`. */
  readonly traceParent?: string | undefined;
  /** What triggered it, for the log. */
  readonly trigger: string;
  /** More for the log line of a success, such as the HTTP status. */
  readonly describe?: (response: InvocationResponse) => string;
  /** The text of a failure for the log, where the raw one is not for people. */
  readonly describeFailure?: (message: string) => string;
}

/** Who runs a function in the worker. */
export interface Invoker {
  invoke(request: InvocationRequest): Promise<InvocationEnd>;
}

/** Who sends what a function puts into an output binding. */
export interface OutputSender {
  send(output: ServiceBusOutput, data: TypedData, invocationId: string): Promise<void>;
}

export interface FunctionCallerOptions {
  readonly invoker: Invoker;
  readonly outputs: OutputSender;
  /** The text that a durableClient input gives to the worker. */
  readonly durableClientInput: (input: DurableClientInput) => string;
  readonly log: HostLog;
}

/** Runs functions: gathers their inputs, lets the worker run them, sends their outputs, and says in one line how it went. */
export class FunctionCaller {
  readonly #options: FunctionCallerOptions;

  constructor(options: FunctionCallerOptions) {
    this.#options = options;
  }

  /** Never rejects: what goes wrong is told by the outcome. */
  async call(definition: FunctionDefinition, call: FunctionCall): Promise<InvocationEnd> {
    const invocationId = randomUUID();
    const startedAt = performance.now();
    const end = await this.#run(definition, call, invocationId);
    this.#report(definition, call, invocationId, end, Math.round(performance.now() - startedAt));
    return end;
  }

  async #run(
    definition: FunctionDefinition,
    call: FunctionCall,
    invocationId: string,
  ): Promise<InvocationEnd> {
    const { invoker, durableClientInput } = this.#options;
    const end = await invoker.invoke({
      invocationId,
      functionId: definition.id,
      inputData: [
        { name: definition.triggerName, data: call.input },
        ...definition.durableClients.map((client) => ({
          name: client.bindingName,
          data: { string: durableClientInput(client) },
        })),
      ],
      triggerMetadata: call.metadata ?? {},
      traceContext: createTraceContext(call.traceParent),
      ...(call.retryContext ? { retryContext: call.retryContext } : {}),
    });
    if (end.kind !== 'returned' || definition.outputs.length === 0) return end;
    try {
      await this.#sendOutputs(definition, end.response, invocationId);
      return end;
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      return { kind: 'threw', message: `An output of the function could not be sent: ${message}`, stack };
    }
  }

  async #sendOutputs(
    definition: FunctionDefinition,
    response: InvocationResponse,
    invocationId: string,
  ): Promise<void> {
    const values = new Map(response.outputData.map(({ name, data }) => [name, data]));
    if (response.returnValue) values.set('$return', response.returnValue);
    await Promise.all(
      definition.outputs.map(async (output) => {
        const data = values.get(output.bindingName);
        if (data) await this.#options.outputs.send(output, data, invocationId);
      }),
    );
  }

  #report(
    { name }: FunctionDefinition,
    call: FunctionCall,
    invocationId: string,
    end: InvocationEnd,
    milliseconds: number,
  ): void {
    const { outcome, level, verb, reason } = describeEnd(end, call);
    const result = end.kind === 'returned' ? call.describe?.(end.response) : undefined;
    const trigger = result === undefined ? call.trigger : `${call.trigger} → ${result}`;
    this.#options.log.write({
      level,
      category: `Function.${name}`,
      functionName: name,
      invocationId,
      message: `${verb} ${milliseconds} ms (${trigger})${reason === undefined ? '' : `: ${hideCredentials(reason)}`}`,
      stack: end.kind === 'threw' && end.stack ? hideCredentials(end.stack) : undefined,
      facts: { outcome, durationMilliseconds: milliseconds, trigger: call.trigger, result },
    });
  }
}

function describeEnd(
  end: InvocationEnd,
  { describeFailure }: FunctionCall,
): { outcome: string; level: 'information' | 'warning' | 'error'; verb: string; reason: string | undefined } {
  switch (end.kind) {
    case 'returned':
      return { outcome: 'succeeded', level: 'information', verb: 'succeeded in', reason: undefined };
    case 'threw':
      return {
        outcome: 'failed',
        level: 'error',
        verb: 'failed in',
        reason: describeFailure?.(end.message) ?? end.message,
      };
    case 'workerExited':
      return { outcome: 'failed', level: 'error', verb: 'cut off after', reason: end.message };
    case 'abandoned':
      return {
        outcome: 'abandoned',
        level: 'warning',
        verb: 'given back after',
        reason: 'the host has no worker for it',
      };
  }
}
