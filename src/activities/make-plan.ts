import type { Instant } from '../contracts/instants.ts';
import type { PlanRequest } from '../lifecycle/activity-calls.ts';
import { decide } from '../lifecycle/decide.ts';
import type { Plan } from '../lifecycle/plan.ts';
import { newState, type TokenIdentity } from '../lifecycle/state.ts';
import { wakingToSend } from '../lifecycle/unsent-events.ts';
import { ServiceFailure } from '../ports/service-failure.ts';
import { raiseMassDrift } from '../watch/mass-drift.ts';
import type { ActivityPorts } from './activity-ports.ts';
import { gatherFacts } from './gather-facts.ts';
import { identityOf } from './identity.ts';
import { inventoryRow, refreshRow, waitingCommands } from './inventory-row.ts';
import { listFindings } from './list-findings.ts';
import { tellWhatHappened } from './tell-what-happened.ts';

/** How often another attempt may be faster before this one gives up. */
const mostTries = 3;

/**
 * The activity `plan`: gathers, decides, and writes the plan's number into the record. From then on the steps and the
 * settling of any earlier plan do nothing. Before a lifecycle waits, all is told that there is to tell, and the
 * inventory says when it will act next; soon, if the topic cannot be reached.
 *
 * @throws ServiceFailure
 */
export async function makePlan(request: PlanRequest, ports: ActivityPorts): Promise<Plan> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const plan = await tryToPlan(request, ports);
    if (plan) return plan;
  }
  throw new ServiceFailure({ service: 'records', operation: 'saveState', code: 'conflict' });
}

/** Undefined if somebody else changed the record in between. */
async function tryToPlan(request: PlanRequest, ports: ActivityPorts): Promise<Plan | undefined> {
  const { records, inventory, findings } = ports;
  const { now } = request;
  const identity = identityOf(ports.configuration, request);
  // In this order: a command that comes after its rows were read has changed the inventory's row.
  const row = await inventory.readRow(identity.registry, identity.token);
  const { stored, pending, outbox, observed } = await records.readRecord(identity);
  const state = stored?.state ?? newState(identity);
  const facts = await gatherFacts(state, { pending, observed }, now, ports);
  const decided = decide({ state, commands: pending, facts, observed, now });
  const waits = decided.plan.kind === 'wait';
  const unsentSince = waits ? await tellWhatHappened('plan', identity, outbox, ports) : undefined;
  await tellMassDrift(identity, decided.plan, now, ports);
  const decision = wakingToSend(decided, unsentSince, now);
  if (decision.state !== state && !(await records.saveState(decision.state, stored))) return undefined;
  if (waits) {
    await listFindings(decision.state, row?.row, findings);
    // A row that was changed meanwhile is written by the plan after: its command's lifecycle is woken.
    const { rotationWindows } = facts.rules;
    const written = inventoryRow(decision.state, waitingCommands(pending, row?.row), now, rotationWindows);
    await refreshRow(inventory, written, row);
  }
  return decision.plan;
}

/** That nothing is done about a finding of many tokens is a matter of the registry. */
async function tellMassDrift(
  { registry: name, loginServer }: TokenIdentity,
  plan: Plan,
  now: Instant,
  ports: ActivityPorts,
): Promise<void> {
  const finding = plan.kind === 'work' && plan.work.kind === 'observe' ? plan.work.massDrift : undefined;
  if (finding) await raiseMassDrift({ name, loginServer }, finding, now, ports);
}
