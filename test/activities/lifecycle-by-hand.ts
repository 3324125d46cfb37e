import { createActivities } from '../../src/activities/create-activities.ts';
import { contentDigest } from '../../src/contracts/command-key.ts';
import type { PendingCommand } from '../../src/lifecycle/command-order.ts';
import type { Plan } from '../../src/lifecycle/plan.ts';
import type { StepResult } from '../../src/lifecycle/steps.ts';
import { identity } from '../lifecycle/build.ts';
import type { Gate, MemoryCloud } from './memory/memory-cloud.ts';

const { registry, token } = identity;

/** Inserts a command as the intake does. */
export async function send({ records, inventory }: MemoryCloud, pending: PendingCommand): Promise<void> {
  const digest = contentDigest(pending.command);
  await records.insertCommand(identity, { ...pending, digest, acceptedAt: pending.enqueuedAt });
  await inventory.markPending(registry, token, pending.enqueuedAt);
}

/** Runs the lifecycle as its orchestrator does, until it waits; each call of an activity `times` times. */
export async function runUntilItWaits(cloud: MemoryCloud, times = 1, gate?: Gate): Promise<string[]> {
  const kinds: string[] = [];
  for (let plans = 0; plans < 20; plans += 1) {
    const plan = await planOnce(cloud, times, gate);
    if (plan.kind === 'wait') return kinds;
    kinds.push(plan.work.kind);
    const activities = createActivities(cloud.ports(gate));
    const results: StepResult[] = [];
    for (const step of plan.steps) {
      const { number, plannedAt } = plan;
      const result = await repeated(times, () =>
        activities.step({ registry, token, plan: number, plannedAt, step }),
      );
      results.push(result);
      if (!result.ok) break;
    }
    const now = cloud.clock.instant();
    await repeated(times, () => activities.settle({ registry, token, now, plan, results }));
  }
  throw new Error(`Still at work: ${kinds.join(', ')}`);
}

function planOnce(cloud: MemoryCloud, times: number, gate?: Gate): Promise<Plan> {
  const now = cloud.clock.instant();
  return repeated(times, () => createActivities(cloud.ports(gate)).plan({ registry, token, now }));
}

async function repeated<Result>(times: number, act: () => Promise<Result>): Promise<Result> {
  let result = await act();
  for (let more = 1; more < times; more += 1) result = await act();
  return result;
}
