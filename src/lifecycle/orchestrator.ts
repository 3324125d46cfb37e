import type { OrchestrationContext, Task } from 'durable-functions';
import { callActivity, type LifecycleInput } from './activity-calls.ts';
import type { Plan, WorkPlan } from './plan.ts';
import { runStep } from './run-step.ts';
import type { StepResult } from './steps.ts';
import { pauseAfter, timerDue } from './waits.ts';

/** The name of the orchestration. It never changes: instances that wait for months ask for it. */
export const lifecycleName = 'tokenLifecycle';

/** The event that makes a waiting lifecycle look at its token's commands. Raise it with data, if only `{}`. */
export const wakeEvent = 'wake';

/** Tries in one generation; then a new one goes on, so that an outage of days does not make a long history. */
const mostTries = 20;

/**
 * The lifecycle of one token: plan, carry out, settle, begin anew. It only sequences; whatever is decided is decided
 * in an activity and so recorded. What bites on the real host, and shapes this:
 *
 * 1. Events that nobody awaits are lost when an orchestration continues as new. So `wake` says nothing: the token's
 *    commands are rows, and every generation reads them first.
 * 2. After cancelling a timer an activity has to be awaited before continuing as new, or the event that won is
 *    delivered again, for ever. So after a wake-up it plans again.
 * 3. Waits of one name that are abandoned swallow later events, and a task in two `Task.any` breaks the count of
 *    tasks. So a generation waits at most once.
 */
export function* tokenLifecycle(context: OrchestrationContext): Generator<Task, void, unknown> {
  const { registry, token } = context.df.getInput<LifecycleInput>();
  const lifecycle: LifecycleInput = { registry, token };
  let plan = yield* makePlan(context, lifecycle);
  if (plan?.kind === 'wait') {
    if (yield* isWokenBefore(context, plan.wakeAt)) plan = yield* makePlan(context, lifecycle);
  }
  if (plan?.kind === 'work') yield* carryOut(context, lifecycle, plan);
  context.df.continueAsNew(lifecycle);
}

function makePlan(
  context: OrchestrationContext,
  lifecycle: LifecycleInput,
): Generator<Task, Plan | undefined, unknown> {
  return persistently(context, () => callActivity(context, 'plan', { ...lifecycle, now: timeOf(context) }));
}

/** The only wait there is. True if an event ended it, false if time did. */
function* isWokenBefore(
  context: OrchestrationContext,
  wakeAt: string | undefined,
): Generator<Task, boolean, unknown> {
  const wake = context.df.waitForExternalEvent(wakeEvent);
  if (wakeAt === undefined) {
    yield wake;
    return true;
  }
  const timer = context.df.createTimer(timerDue(wakeAt, context.df.currentUtcDateTime));
  const first = yield context.df.Task.any([wake, timer]);
  if (first === timer) return false;
  if (!timer.isCompleted) timer.cancel();
  return true;
}

/** The first step that fails ends the plan; settling says what became of it. */
function* carryOut(
  context: OrchestrationContext,
  lifecycle: LifecycleInput,
  plan: WorkPlan,
): Generator<Task, void, unknown> {
  const results: StepResult[] = [];
  for (const step of plan.steps) {
    const result = yield* runStep(context, lifecycle, plan, step);
    results.push(result);
    if (!result.ok) break;
  }
  yield* persistently(context, () =>
    callActivity(context, 'settle', { ...lifecycle, now: timeOf(context), plan, results }),
  );
}

/** Calls until it works, with longer and longer pauses; gives up, without a result, after many tries. */
function* persistently<Result>(
  context: OrchestrationContext,
  call: () => Generator<Task, Result, unknown>,
): Generator<Task, Result | undefined, unknown> {
  for (let tries = 1; tries <= mostTries; tries += 1) {
    try {
      return yield* call();
    } catch {
      yield context.df.createTimer(pauseAfter(tries, context.df.currentUtcDateTime));
    }
  }
  return undefined;
}

function timeOf(context: OrchestrationContext): string {
  return context.df.currentUtcDateTime.toISOString();
}
