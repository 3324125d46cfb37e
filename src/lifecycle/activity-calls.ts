import type { OrchestrationContext, Task } from 'durable-functions';
import type { Instant } from '../contracts/instants.ts';
import type { Plan, WorkPlan } from './plan.ts';
import type { StepRequest, StepResult } from './steps.ts';

/** Which token's lifecycle it is; all else is in the token's record. `registry` is its name in the configuration. */
export interface LifecycleInput {
  readonly registry: string;
  readonly token: string;
}

export interface PlanRequest extends LifecycleInput {
  /** The orchestration's time. */
  readonly now: Instant;
}

export interface SettleRequest extends PlanRequest {
  readonly plan: WorkPlan;
  /** Of the steps in their order, up to the first that failed. */
  readonly results: readonly StepResult[];
}

/**
 * The activities that a lifecycle calls. Their names never change: on the real host an orchestration that calls a
 * name nobody registered hangs for ever. They are called by no other name than these three.
 */
export interface LifecycleActivities {
  plan: { input: PlanRequest; result: Plan };
  step: { input: StepRequest; result: StepResult };
  settle: { input: SettleRequest; result: null };
}

/** Calls one activity of a lifecycle; to be delegated to with `yield*`. */
export function* callActivity<Name extends keyof LifecycleActivities>(
  context: OrchestrationContext,
  name: Name,
  input: LifecycleActivities[Name]['input'],
): Generator<Task, LifecycleActivities[Name]['result'], unknown> {
  return (yield context.df.callActivity(name, input)) as LifecycleActivities[Name]['result'];
}
