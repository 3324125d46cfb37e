import { scopeMapActions } from '../../contracts/access.ts';
import { sameName } from '../../contracts/names.ts';
import { type Aspect, openAspects, type PendingCommand, referenceTo } from '../command-order.ts';
import type { Change, WorkOf } from '../plan.ts';
import { refusalsWithoutLife } from '../refusals.ts';
import { chooseSlot } from '../slots.ts';
import type { Access, Managed, StateOf } from '../state.ts';
import type { Step } from '../steps.ts';
import { recoverySteps } from './activation.ts';
import {
  acknowledge,
  blockedBy,
  type Proposal,
  refuse,
  type Situation,
  supersede,
  type World,
  withWorld,
} from './proposal.ts';
import { isPublished, issueStep, nextGeneration } from './reissue.ts';

/** `token.access-changed`, with the access that follows from it. */
export function decideAccessChanged(pending: PendingCommand, access: Access, situation: Situation): Proposal {
  const { state } = situation;
  const command = referenceTo(pending);
  if (openAspects(pending, state.applied).length === 0) return supersede([command]);
  switch (state.status) {
    case 'active':
    case 'disabled':
      return withWorld(situation, { kind: 'judge', command }, (world) =>
        state.status === 'active' && world.token === null
          ? blockedBy({ kind: 'judge', command }, { code: 'tokenMissing' })
          : converge(pending, { ...state.managed, access }, { ...situation, state }, world),
      );
    default:
      return refuse(pending, refusalsWithoutLife[state.status]);
  }
}

/** Brings a token to what is asked for, as far as newer commands have not settled it. */
export function converge(
  pending: PendingCommand,
  asked: Managed,
  situation: Situation<StateOf<'active' | 'disabled'>>,
  world: World,
): Proposal {
  const { state } = situation;
  const managed = onlyOpen(asked, state.managed, openAspects(pending, state.applied));
  const changed = changes(state.managed, managed);
  if (changed.length === 0) return acknowledge(pending);
  const command = referenceTo(pending);
  const rotation = rotationFor(managed, situation, world);
  const { reissue } = rotation;
  const { facts, now } = situation;
  const issue = reissue
    ? [...recoverySteps(managed, world), issueStep(state, managed, reissue, facts.rules, now)]
    : [];
  return {
    work: { kind: 'converge', command, managed, changed, ...rotation },
    steps: [...accessSteps(state.managed, managed, changed, world), ...issue],
  };
}

function onlyOpen(asked: Managed, current: Managed, open: readonly Aspect[]): Managed {
  const { schedule, endOfLife, purpose } = open.includes('schedule') ? asked : current;
  const { access } = open.includes('access') ? asked : current;
  return { ...asked, access, schedule, endOfLife, purpose };
}

function changes(before: Managed, after: Managed): Change[] {
  const changed: Change[] = [];
  if (!sameAccess(before.access, after.access)) changed.push('access');
  const cadence = ({ schedule }: Managed) =>
    `${schedule.profile} ${schedule.rotateEvery} ${schedule.overlap}`;
  if (cadence(before) !== cadence(after)) changed.push('schedule');
  if (before.endOfLife !== after.endOfLife) changed.push('endOfLife');
  if (before.purpose !== after.purpose) changed.push('purpose');
  return changed;
}

/** Whether two accesses grant the same through the same scope map. */
function sameAccess(one: Access, other: Access): boolean {
  const grants = ({ repositories }: Access) => repositories && scopeMapActions(repositories).join();
  return sameName(one.scopeMap, other.scopeMap) && one.own === other.own && grants(one) === grants(other);
}

/** The old own map goes last: until the token is bound to another one it is still in use. */
function accessSteps(
  { access: before, entrance }: Managed,
  { access: after }: Managed,
  changed: readonly Change[],
  { token }: World,
): Step[] {
  if (!changed.includes('access')) return [];
  const steps: Step[] = [];
  const { scopeMap, repositories } = after;
  if (after.own && repositories) {
    steps.push({ kind: 'ensureScopeMap', input: { scopeMap, entrance, repositories } });
  }
  if (token && !sameName(token.scopeMap, scopeMap)) steps.push({ kind: 'bindScopeMap', input: { scopeMap } });
  if (before.own && !sameName(before.scopeMap, scopeMap)) {
    steps.push({ kind: 'deleteScopeMap', input: { scopeMap: before.scopeMap, entrance } });
  }
  return steps;
}

/** The policy may ask for a new password with a new scope map: now, or as soon as a slot is free. */
function rotationFor(
  managed: Managed,
  { state, facts, now }: Situation<StateOf<'active' | 'disabled'>>,
  world: World,
): Pick<WorkOf<'converge'>, 'reissue' | 'rotateAt'> {
  const otherMap = !sameName(managed.access.scopeMap, state.managed.access.scopeMap);
  if (!otherMap || !facts.rules.rotateOnScopeMapChange || state.status !== 'active' || !world.token)
    return {};
  const { incarnation } = state;
  const generation = nextGeneration(incarnation, state.generation, world, now);
  const reissue = { incarnation, generation, mayCutShort: false };
  if (isPublished(reissue, world)) return { reissue };
  const { overlap } = managed.schedule;
  const choice = chooseSlot(world.token, world.slots, { overlap, mayCutShort: false, now });
  return choice.ok ? { reissue } : { rotateAt: choice.freeAt };
}
