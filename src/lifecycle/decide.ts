import type { Instant } from '../contracts/instants.ts';
import { alwaysCounts, type PendingCommand } from './command-order.ts';
import { actionableCommands, decideCommand, isCuttingOff } from './decide/commands.ts';
import { decideDue, dueNeedsWorld, nextDue } from './decide/due-work.ts';
import { decideHealing, findingToHeal, healingDue } from './decide/healing.ts';
import { decideObserved, isToBeObserved, observationDue } from './decide/observed.ts';
import type { Proposal, Situation } from './decide/proposal.ts';
import { recoverLostRecord } from './decide/recover.ts';
import { continuedRevocation, revocationDue } from './decide/revocation.ts';
import type { StoredObservation } from './drift/observation.ts';
import { ownWorkBegun } from './drift/own-work.ts';
import type { NeededFacts } from './facts.ts';
import { earliest, isDue, minute, plus } from './instant-arithmetic.ts';
import { type Plan, workKey } from './plan.ts';
import type { TokenState } from './state.ts';

/** A plan, and what the record has to say before it is carried out. */
export interface Decision {
  readonly plan: Plan;
  /** The state given, if there is nothing to write. */
  readonly state: TokenState;
}

/** How long a lifecycle may be at work before others look after it. */
const workingTime = 15 * minute;

/**
 * What a token's lifecycle does next. One plan is about one command, or one thing that is due: cutting off goes
 * first, then the commands, then what time has brought.
 *
 * @param situation.now the orchestration's time
 */
export function decide(situation: Situation): Decision {
  const proposal = nextWork(situation);
  return proposal ? work(proposal, situation) : wait(situation);
}

/** What `decide` will look at; everything else need not be read. */
export function neededFacts(
  state: TokenState,
  commands: readonly PendingCommand[],
  now: Instant,
  observed?: StoredObservation,
): NeededFacts {
  if (isWaitingToRecover(state, now)) return { world: false, scopeMapActions: false, judgements: [] };
  const unknown = state.status === 'none';
  const first = actionableCommands(state, commands, now)[0];
  if (isDue(revocationDue(state), now)) return { world: false, scopeMapActions: false, judgements: [] };
  const idle = !first && !isCuttingOff(state);
  const observes = idle && isToBeObserved({ state, observed, now });
  const healing = idle && !observes ? findingToHeal(state, now)?.finding : undefined;
  const compares = observes || healing !== undefined;
  const due = idle && dueNeedsWorld(state, now);
  return {
    world: unknown || compares || due || (first !== undefined && needsWorld(first)),
    scopeMapActions: unknown || compares,
    judgements: first ? [first.key] : [],
    ...(healing === undefined ? {} : { healing }),
  };
}

/** What only ends things is done without looking, so that nothing that cannot be read holds it up. */
function needsWorld({ command: { type } }: PendingCommand): boolean {
  return !alwaysCounts(type);
}

/** Without knowing whether the name's record was lost, no command to it can be understood. */
function isWaitingToRecover(state: TokenState, now: Instant): boolean {
  const retryAt = state.failures[lostRecord]?.retryAt;
  return state.status === 'none' && retryAt !== undefined && retryAt > now;
}

const lostRecord = workKey({ kind: 'readLostRecord' });

function nextWork(situation: Situation): Proposal | undefined {
  const { state, commands, now } = situation;
  if (isWaitingToRecover(state, now)) return undefined;
  const first = actionableCommands(state, commands, now)[0];
  return (
    continuedRevocation(situation) ??
    recoverLostRecord(situation) ??
    (first && decideCommand(first, situation)) ??
    (isCuttingOff(state) ? undefined : decideUnasked(situation))
  );
}

/** What no command asks for: a look at the token goes first, since the rest builds on what it is like. */
function decideUnasked(situation: Situation): Proposal | undefined {
  if (isToBeObserved(situation)) return decideObserved(situation);
  return decideHealing(situation) ?? decideDue(situation);
}

function work({ work, steps, blocked, state }: Proposal, situation: Situation): Decision {
  const { now } = situation;
  const number = situation.state.plan + 1;
  return {
    plan: { kind: 'work', number, plannedAt: now, work, steps, ...(blocked ? { blocked } : {}) },
    state: {
      ...ownWorkBegun(state ?? situation.state, steps, now),
      plan: number,
      lookAt: plus(now, workingTime),
    },
  };
}

function wait(situation: Situation): Decision {
  const { state, commands, observed } = situation;
  const due = isCuttingOff(state) ? undefined : nextDue(situation);
  const wakeAt = earliest(due, nextWake(state, commands, observed));
  const plan: Plan = { kind: 'wait', ...(wakeAt === undefined ? {} : { wakeAt }) };
  return { plan, state: state.lookAt === wakeAt ? state : { ...state, lookAt: wakeAt } };
}

/** When the lifecycle has something to do although no command comes and nothing becomes due. */
function nextWake(
  state: TokenState,
  commands: readonly PendingCommand[],
  observed: StoredObservation | undefined,
): Instant | undefined {
  return earliest(
    revocationDue(state),
    isCuttingOff(state) ? undefined : healingDue(state),
    isCuttingOff(state) ? undefined : observationDue({ state, observed }),
    ...commands.map(({ key }) => state.failures[key]?.retryAt),
    state.failures[lostRecord]?.retryAt,
  );
}
