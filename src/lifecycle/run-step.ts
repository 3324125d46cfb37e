import type { OrchestrationContext, Task } from 'durable-functions';
import { callActivity, type LifecycleInput } from './activity-calls.ts';
import type { WorkPlan } from './plan.ts';
import type { Step, StepResult } from './steps.ts';

/** Runs one step of a plan. A step that throws is a step that failed. */
export function* runStep(
  context: OrchestrationContext,
  { registry, token }: LifecycleInput,
  { number, plannedAt }: WorkPlan,
  step: Step,
): Generator<Task, StepResult, unknown> {
  try {
    return yield* callActivity(context, 'step', { registry, token, plan: number, plannedAt, step });
  } catch {
    return { kind: step.kind, ok: false, code: 'unexpected' };
  }
}
