import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../clock.ts';
import type { DurableTaskSettings } from '../engine/durable-task-settings.ts';
import { newExecutionId } from '../episode/decision-effects.ts';
import type { FunctionInvoker } from '../function-invoker.ts';
import { EventType, type ExecutionStarted, eventHeader, type HistoryEvent } from '../history-event.ts';
import { type InstanceRecord, isFinished, type RuntimeStatus } from '../instance-record.ts';
import { missingFunctionMessage } from '../missing-function.ts';
import type { InstanceFilter } from '../store/instance-table.ts';
import type { TaskHub } from '../store/task-hub.ts';
import { argumentError, invalidOperation } from './client-error.ts';
import { requireInstanceId } from './instance-id.ts';

export interface OperationsContext {
  readonly clock: Clock;
  readonly invoker: FunctionInvoker;
  readonly settings: DurableTaskSettings;
  /** Makes the engine look for work soon. */
  readonly wake: () => void;
}

/** How many instances one page holds when nobody says. */
export const defaultPageSize = 100;

/**
 * What clients can do with a task hub's instances. All of it throws `StoreUnreachable` during a storage outage, and
 * `ClientError` where the durable client throws.
 */
export class InstanceOperations {
  readonly #hub: TaskHub;
  readonly #context: OperationsContext;

  constructor(hub: TaskHub, context: OperationsContext) {
    this.#hub = hub;
    this.#context = context;
  }

  get(id: string): InstanceRecord | undefined {
    return this.#hub.instance(id);
  }

  /** The events of the present generation, or of the last. */
  history(id: string): HistoryEvent[] {
    return this.#hub.history(id);
  }

  /** A page of instances by id; `continuation` names the last of them when there are more. */
  list(
    filter: InstanceFilter,
    after = '',
    pageSize = defaultPageSize,
  ): { instances: InstanceRecord[]; continuation: string | undefined } {
    const found = this.#hub.instances(filter, after, pageSize + 1);
    const instances = found.slice(0, pageSize);
    return { instances, continuation: found.length > pageSize ? instances.at(-1)?.id : undefined };
  }

  /** Starts an instance and returns its id; `input` is JSON text. */
  start(orchestrator: string, instanceId: string | undefined, input: string | null): string {
    const { invoker, settings, clock, wake } = this.#context;
    const name = invoker.registeredName('orchestrator', orchestrator);
    if (name === undefined)
      throw argumentError(missingFunctionMessage('orchestrator', orchestrator, invoker));
    const id = instanceId || randomUUID().replaceAll('-', '');
    requireInstanceId(id);
    const now = clock.now();
    const started = executionStarted(orchestrator, id, input, now);
    const executionId = started.OrchestrationInstance.ExecutionId;
    const replaceAny = settings.overridableExistingInstanceStates === 'AnyState';
    const message = { instanceId: id, executionId, due: now, event: started };
    const inTheWay = this.#hub.start(pendingInstance(started, now), message, replaceAny);
    if (inTheWay)
      throw invalidOperation(`An Orchestration instance with the status ${inTheWay.status} already exists.`);
    wake();
    return id;
  }

  /** Sends an event to an instance, whatever its state: what nobody can take is dropped. `input` is JSON text. */
  raiseEvent(id: string, name: string, input: string): void {
    const now = this.#context.clock.now();
    this.#send(id, { ...eventHeader(EventType.eventRaised, now), Name: name, Input: input });
  }

  terminate(id: string, reason: string | null): void {
    this.#require(id, 'terminate', (status) => !isFinished(status));
    const now = this.#context.clock.now();
    this.#send(id, { ...eventHeader(EventType.executionTerminated, now), Input: reason });
  }

  suspend(id: string, reason: string | null): void {
    this.#require(id, 'suspend', (status) => !isFinished(status) && status !== 'Suspended');
    const now = this.#context.clock.now();
    this.#send(id, { ...eventHeader(EventType.executionSuspended, now), Reason: reason });
  }

  resume(id: string, reason: string | null): void {
    this.#require(id, 'resume', (status) => status === 'Suspended');
    const now = this.#context.clock.now();
    this.#send(id, { ...eventHeader(EventType.executionResumed, now), Reason: reason });
  }

  /** Removes an instance in any state; false when there is none. */
  purge(id: string): boolean {
    if (!this.#hub.instance(id)) return false;
    this.#hub.purge([id]);
    return true;
  }

  /**
   * Removes the instances that the filter lets through and returns their number. Of the statuses asked for only those of
   * finished instances count; when none is left, Azure Storage filters by time alone and removes running instances too.
   */
  purgeAll(filter: InstanceFilter): number {
    const statuses = (filter.statuses ?? []).filter(isFinished);
    let removed = 0;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const { instances, continuation }: ReturnType<InstanceOperations['list']> = this.list(
        { ...filter, statuses },
        after,
      );
      this.#hub.purge(instances.map((instance) => instance.id));
      removed += instances.length;
      after = continuation;
    }
    return removed;
  }

  /** Starts an instance anew with its input, under a new id or its own. */
  restart(id: string, withNewId: boolean): string {
    const instance = this.#hub.instance(id);
    if (!instance) throw argumentError(`An orchestrastion with the instanceId ${id} was not found.`);
    return this.start(instance.name, withNewId ? undefined : id, instance.input);
  }

  #send(instanceId: string, event: HistoryEvent): void {
    this.#hub.send({ instanceId, executionId: undefined, due: this.#context.clock.now(), event });
    this.#context.wake();
  }

  #require(id: string, operation: string, allows: (status: RuntimeStatus) => boolean): void {
    const instance = this.#hub.instance(id);
    if (!instance) throw argumentError(`No instance with ID '${id}' was found.`);
    if (!allows(instance.status))
      throw invalidOperation(
        `Cannot ${operation} the orchestration instance ${id} because instance is in the ${instance.status} state.`,
      );
  }
}

function executionStarted(name: string, id: string, input: string | null, now: Date): ExecutionStarted {
  return {
    ...eventHeader(EventType.executionStarted, now),
    Name: name,
    Version: '',
    Input: input,
    OrchestrationInstance: { InstanceId: id, ExecutionId: newExecutionId() },
    ParentInstance: null,
    Tags: null,
  };
}

function pendingInstance(started: ExecutionStarted, now: Date): InstanceRecord {
  return {
    id: started.OrchestrationInstance.InstanceId,
    executionId: started.OrchestrationInstance.ExecutionId,
    name: started.Name,
    version: started.Version,
    status: 'Pending',
    input: started.Input,
    output: null,
    customStatus: null,
    createdAt: now,
    updatedAt: now,
  };
}
