import type { EventRaised } from '../history-event.ts';
import type {
  CompleteOrchestration,
  CreateTimer,
  Decision,
  ScheduleActivity,
  StartSubOrchestration,
} from './decision.ts';
import { HostTask, type TaskOutcome } from './host-task.ts';

/** A started task that history has not confirmed yet: without a scheduled event to match it, it is new work. */
export type PendingTask = ScheduleActivity | CreateTimer | StartSubOrchestration;

/**
 * The framework's side of one generation while its history is walked: the counter that task ids are taken from, which tasks
 * are open, and what is not yet in history. It follows `TaskOrchestrationContext` of DurableTask.Core.
 */
export class OrchestrationContext {
  /** The time of the latest episode that began. */
  now: Date;
  readonly executionId: string;
  #nextId = 0;
  #decisions = new Map<number, Decision>();
  #setAside = new Map<number, Decision>();
  #ended = false;
  #continueAsNew: { input: string | null; carriedEvents: EventRaised[] } | undefined;
  readonly #open = new Map<number, HostTask>();

  constructor(executionId: string, now: Date) {
    this.executionId = executionId;
    this.now = now;
  }

  get hasOpenTasks(): boolean {
    return this.#open.size > 0;
  }

  get willContinueAsNew(): boolean {
    return this.#continueAsNew !== undefined;
  }

  scheduleActivity(name: string, input: string | null): HostTask {
    const id = this.#nextId++;
    return this.#start({ kind: 'scheduleActivity', id, name, input });
  }

  /** Without an instance id the child gets one from this execution and its task id. */
  startSubOrchestration(name: string, instanceId: string | undefined, input: string | null): HostTask {
    const id = this.#nextId++;
    const child = instanceId?.trim() ? instanceId : `${this.executionId}:${id}`;
    return this.#start({ kind: 'startSubOrchestration', id, name, instanceId: child, input });
  }

  /** A cancelled timer takes its id and is created all the same, but settles at once and is not open. */
  createTimer(fireAt: Date, cancelled = false): HostTask {
    const id = this.#nextId++;
    const task = this.#start({ kind: 'createTimer', id, fireAt });
    if (cancelled) {
      task.settle('failed');
      this.#open.delete(id);
    }
    return task;
  }

  continueAsNew(input: string | null): void {
    this.#continueAsNew = { input, carriedEvents: [] };
  }

  /** Keeps an event for the next generation. Only events that come after continue-as-new was reached get here. */
  carryOver(event: EventRaised): void {
    this.#continueAsNew?.carriedEvents.push(event);
  }

  /** Takes a started task out of the new work, because history knows it; undefined when nothing was started with this id. */
  pending(id: number): Decision | undefined {
    return this.#decisions.get(id);
  }

  confirm(id: number): void {
    this.#decisions.delete(id);
  }

  /** Settles an open task. A second answer, or one to a cancelled timer, is ignored. */
  settle(id: number, outcome: TaskOutcome): void {
    const task = this.#open.get(id);
    if (!task) return;
    task.settle(outcome);
    this.#open.delete(id);
  }

  /** Keeps what is not in history yet from being scheduled until the instance resumes. */
  setNewWorkAside(): void {
    for (const [id, decision] of this.#decisions) this.#setAside.set(id, decision);
    this.#decisions.clear();
  }

  takeNewWorkBack(): void {
    for (const [id, decision] of this.#setAside) this.#decisions.set(id, decision);
    this.#setAside.clear();
  }

  /** Completing after continue-as-new starts the next generation, even when the instance was terminated on the way. */
  complete(output: string | null): void {
    if (!this.#continueAsNew) {
      this.#end('Completed', output, null);
      return;
    }
    const id = this.#nextId++;
    this.#decisions.set(id, { kind: 'continueAsNew', id, ...this.#continueAsNew });
  }

  fail(reason: string, details: string | null): void {
    this.#end('Failed', reason, details);
  }

  terminate(reason: string | null): void {
    this.#end('Terminated', reason, null);
  }

  /** The new work in the order of its ids. */
  decisions(): Decision[] {
    return [...this.#decisions.values()].sort((a, b) => a.id - b.id);
  }

  #start(pending: PendingTask): HostTask {
    const task = new HostTask();
    this.#decisions.set(pending.id, pending);
    this.#open.set(pending.id, task);
    return task;
  }

  #end(status: CompleteOrchestration['status'], result: string | null, details: string | null): void {
    const id = this.#nextId++;
    if (this.#ended) return;
    this.#ended = true;
    this.#decisions.set(id, { kind: 'complete', id, status, result, details });
  }
}
