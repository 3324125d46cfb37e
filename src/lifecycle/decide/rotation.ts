import type { CommandOf } from '../../contracts/commands.ts';
import { milliseconds } from '../../contracts/durations.ts';
import type { Instant } from '../../contracts/instants.ts';
import { internalEntrance } from '../../contracts/internal-commands.ts';
import { type PendingCommand, referenceTo } from '../command-order.ts';
import type { Credential } from '../credential.ts';
import { earliest, isDue } from '../instant-arithmetic.ts';
import type { Reissue, WorkOf } from '../plan.ts';
import { refusalsWithoutLife } from '../refusals.ts';
import { lastChance } from '../rotation-times.ts';
import { longestWait, turnOf } from '../rotation-windows.ts';
import { chooseSlot } from '../slots.ts';
import type { StateOf } from '../state.ts';
import type { Step } from '../steps.ts';
import { isForeignSecret, recoverySteps } from './activation.ts';
import {
  blockedBy,
  onRecord,
  type Proposal,
  refuse,
  type Situation,
  supersede,
  type World,
  withWorld,
} from './proposal.ts';
import { isPublished, issueStep, nextGeneration, unsettledSince } from './reissue.ts';

type RotationData = CommandOf<'keyturn.token.rotation-requested'>['data'];

/** `token.rotation-requested`. */
export function decideRotationRequested(
  pending: PendingCommand,
  data: RotationData,
  situation: Situation,
): Proposal {
  const { state } = situation;
  switch (state.status) {
    case 'active':
      return rotateOnRequest(pending, data, { ...situation, state });
    case 'disabled':
      return defer(pending, data, { cause: 'tokenDisabled' });
    default:
      return refuse(pending, refusalsWithoutLife[state.status]);
  }
}

function rotateOnRequest(
  pending: PendingCommand,
  data: RotationData,
  situation: Situation<StateOf<'active'>>,
): Proposal {
  const { state, now } = situation;
  const command = referenceTo(pending);
  const { compromised } = data;
  const issuedAt = state.credentials[state.published]?.slotCreatedAt;
  if (!compromised && issuedAt !== undefined && issuedAt >= pending.enqueuedAt) return supersede([command]);
  const opensAt = pending.entrance === internalEntrance ? turnOfSchedule(situation) : now;
  if (opensAt > now) return defer(pending, data, { cause: 'windowClosed', until: opensAt });
  return withWorld(situation, { kind: 'judge', command }, (world) => {
    const unsettled = unsettledSince(state, world);
    if (unsettled !== undefined && unsettled < pending.enqueuedAt) {
      return rotate(
        { kind: 'rotate', cause: 'schedule', reissue: nextReissue(situation, world) },
        situation,
        world,
      );
    }
    const reissue = { ...nextReissue(situation, world), ...reissueFor(data) };
    const { overlap } = state.managed.schedule;
    const asked = { overlap, mayCutShort: compromised, now };
    const choice = world.token && chooseSlot(world.token, world.slots, asked);
    if (choice && !choice.ok && unsettled === undefined) {
      return defer(pending, data, { cause: 'noSlotFree', until: choice.freeAt });
    }
    return rotate({ kind: 'rotate', command, cause: causeOf(data), reissue }, situation, world);
  });
}

/** What a rotation schedule asks for waits for a window; the published password cannot run out over it. */
function turnOfSchedule({ state, facts, now }: Situation): Instant {
  const windows = facts.rules.rotationWindows ?? [];
  const { token } = state.identity;
  return turnOf({ windows, token, wanted: now, now, lastChance: undefined }).at;
}

/** What a command asks of the passwords before and after. */
type Asked = Pick<RotationData, 'compromised' | 'previousValidFor'>;

function reissueFor({
  compromised,
  previousValidFor,
}: Asked): Pick<Reissue, 'mayCutShort' | 'previousValidFor'> {
  return { mayCutShort: compromised, ...(previousValidFor === undefined ? {} : { previousValidFor }) };
}

function causeOf({ compromised }: Asked): WorkOf<'rotate'>['cause'] {
  return compromised ? 'compromised' : 'request';
}

function defer(
  pending: PendingCommand,
  { compromised, previousValidFor }: Asked,
  why: Pick<WorkOf<'deferRotation'>, 'cause' | 'until'>,
): Proposal {
  const command = referenceTo(pending);
  const kept = previousValidFor === undefined ? {} : { previousValidFor };
  return onRecord({ kind: 'deferRotation', command, compromised, ...kept, ...why });
}

/** The rotation that is due by schedule, or that was put off until now. */
export function decideDueRotation(situation: Situation<StateOf<'active'>>): Proposal {
  const { state, facts, now } = situation;
  const { deferredRotation, incarnation, generation } = state;
  const putOff = isDue(deferredRotation?.notBefore, now) ? deferredRotation : undefined;
  const asked = putOff ? reissueFor(putOff) : {};
  const mayCutShort = isDue(lastChance(state), now) || putOff?.compromised === true;
  const cause = putOff ? causeOf(putOff) : 'schedule';
  const unread: WorkOf<'rotate'> = {
    kind: 'rotate',
    cause,
    reissue: { incarnation, generation: generation + 1, ...asked, mayCutShort },
  };
  return withWorld(situation, unread, (world) => {
    const windows = facts.rules.rotationWindows ?? [];
    const waits = putOff || windows.length === 0 ? {} : { longestWait: longestWait(windows, now) };
    const reissue = { ...nextReissue(situation, world), ...asked, ...waits, mayCutShort };
    return rotate({ ...unread, reissue }, situation, world);
  });
}

function nextReissue({ state, now }: Situation<StateOf<'active'>>, world: World): Reissue {
  const { incarnation } = state;
  const generation = nextGeneration(incarnation, state.generation, world, now);
  return { incarnation, generation, mayCutShort: false };
}

/** Issues into a free slot; a compromised password that may not live on is ended in the same plan. */
function rotate(work: WorkOf<'rotate'>, situation: Situation<StateOf<'active'>>, world: World): Proposal {
  const { state, facts, now } = situation;
  const { token, slots } = world;
  const { reissue } = work;
  if (!token) return blockedBy(work, { code: 'tokenMissing' });
  if (!token.enabled) return blockedBy(work, { code: 'disabledOutOfBand' });
  if (isForeignSecret(world, state.identity)) return blockedBy(work, { code: 'secretNotOurs' });
  const { overlap } = state.managed.schedule;
  const choice = chooseSlot(token, slots, { overlap, mayCutShort: reissue.mayCutShort, now });
  if (!choice.ok && !isPublished(reissue, world)) {
    return blockedBy(work, { code: 'noSlotFree', retryAt: earliest(choice.freeAt, lastChance(state)) });
  }
  const issue = issueStep(state, state.managed, reissue, facts.rules, now);
  const replaced = state.credentials[state.published];
  return { work, steps: [...recoverySteps(state.managed, world), issue, ...retireAtOnce(replaced, reissue)] };
}

/** Steps that end the replaced password now, if it was asked to live no longer. */
export function retireAtOnce(replaced: Credential | undefined, { previousValidFor }: Reissue): Step[] {
  if (!replaced || previousValidFor === undefined || milliseconds(previousValidFor) > 0) return [];
  const { slot, slotCreatedAt } = replaced;
  return [{ kind: 'retireSlot', input: { slot, slotCreatedAt } }];
}
