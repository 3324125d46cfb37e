import type { LifecycleActivities } from '../lifecycle/activity-calls.ts';
import { ServiceFailure } from '../ports/service-failure.ts';
import { troubleOf } from '../ports/trouble.ts';
import type { ActivityPorts } from './activity-ports.ts';
import { carryOutStep } from './carry-out-step.ts';
import { makePlan } from './make-plan.ts';
import { settlePlan } from './settle-plan.ts';

export type Activities = {
  readonly [Name in keyof LifecycleActivities]: (
    input: LifecycleActivities[Name]['input'],
  ) => Promise<LifecycleActivities[Name]['result']>;
};

/**
 * The three activities of a lifecycle: the only door to the outside. What they answer and what they throw is kept in
 * the orchestration's history, so neither ever holds a secret.
 */
export function createActivities(ports: ActivityPorts): Activities {
  return {
    plan: (input) => guarded('plan', input, ports, () => makePlan(input, ports)),
    step: (input) => carryOutStep(input, ports),
    settle: (input) => guarded('settle', input, ports, () => settlePlan(input, ports)),
  };
}

/** An error that nobody expected stays here: its message may hold anything. */
async function guarded<Result>(
  activity: 'plan' | 'settle',
  { registry, token }: { readonly registry: string; readonly token: string },
  { report }: ActivityPorts,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const trouble = troubleOf(error);
    report({ activity, registry, token, ...trouble });
    throw error instanceof ServiceFailure ? error : new Error(`${activity}: unexpected ${trouble.what}`);
  }
}
