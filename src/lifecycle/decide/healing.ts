import type { TokenFinding } from '../../contracts/findings.ts';
import type { Instant } from '../../contracts/instants.ts';
import { otherSlot, type Slot, slots } from '../credential.ts';
import type { HealingAction } from '../drift/healing.ts';
import { type OpenFindings, type OpenTokenFinding, openFindings } from '../drift/open-finding.ts';
import { earliest, hour, isDue, latest, plus } from '../instant-arithmetic.ts';
import type { Reissue, WorkOf } from '../plan.ts';
import { entryOf } from '../slots.ts';
import type { ManagedState, TokenState } from '../state.ts';
import type { Step } from '../steps.ts';
import { activationSteps, recoverySteps } from './activation.ts';
import { deviationsIn, foundIn, lookAgain } from './observed.ts';
import { onRecord, type Proposal, type Situation, type World, withWorld } from './proposal.ts';
import { issueStep, nextGeneration, unsettledSince } from './reissue.ts';

/** When something is to be done about a finding; nothing if nothing is. */
export function healingDue(state: TokenState): Instant | undefined {
  if (state.status === 'none') return undefined;
  const due = earliest(...openFindings(state.findings).map(([, { drift }]) => drift.next?.at));
  return due && latest(due, state.failures.heal?.retryAt);
}

/** The finding that something is to be done about now. */
export function findingToHeal(
  state: TokenState,
  now: Instant,
): { finding: TokenFinding; action: HealingAction } | undefined {
  if (state.status === 'none' || !isDue(healingDue(state), now)) return undefined;
  for (const [finding, { drift }] of openFindings(state.findings))
    if (drift.next && isDue(drift.next.at, now)) return { finding, action: drift.next.action };
  return undefined;
}

/**
 * Does something about a finding, as its policy wants it: after another look, since it may be gone. Where too many tokens of
 * the registry show the same, nothing is done about any of them.
 */
export function decideHealing(situation: Situation): Proposal | undefined {
  const { state, facts, now } = situation;
  const healing = findingToHeal(state, now);
  if (!healing || state.status === 'none') return undefined;
  const managed = { ...situation, state };
  if (facts.isMassDrift) return onRecord(heldBack(state, healing.finding, now));
  const work: WorkOf<'heal'> = { kind: 'heal', ...healing };
  return withWorld(situation, work, (world) => {
    // A new password that was published already only has to be settled.
    const isUnsettled = issuesCredential(work) && unsettledSince(state, world) !== undefined;
    const found = deviationsIn(managed, foundIn(managed, world));
    const isThere = found.some(({ finding }) => finding === healing.finding);
    return isThere || isUnsettled ? heal(work, managed, world) : lookAgain(managed);
  });
}

/** In milliseconds: how often it is asked whether healing may go on. */
const heldBackFor = hour;

function heldBack(state: ManagedState, finding: TokenFinding, now: Instant): WorkOf<'observe'> {
  const open = state.findings?.[finding];
  const findings: OpenFindings = { ...state.findings, ...(open ? { [finding]: stopped(open, now) } : {}) };
  return { kind: 'observe', findings, accounted: {}, massDrift: finding };
}

function stopped({ severity, drift }: OpenTokenFinding, now: Instant): OpenTokenFinding {
  const next = drift.next ? { next: { ...drift.next, at: plus(now, heldBackFor) } } : {};
  return { severity, drift: { ...drift, code: 'massDrift', ...next } };
}

function heal(work: WorkOf<'heal'>, situation: Situation<ManagedState>, world: World): Proposal {
  const { state, now } = situation;
  if (!issuesCredential(work)) return { work, steps: restoringSteps(work, state, world) };
  const { incarnation } = state;
  const generation = nextGeneration(incarnation, state.generation, world, now);
  // Nobody can use what is published: that a replaced password had more time counts less.
  const reissue: Reissue = { incarnation, generation, mayCutShort: true };
  const issue = issueStep(state, state.managed, reissue, situation.facts.rules, now);
  const steps =
    work.finding === 'deletedOutOfBand'
      ? activationSteps(state.managed, world, issue)
      : [...recoverySteps(state.managed, world), issue];
  return { work: { ...work, reissue, lost: lostSlots(state, world) }, steps };
}

function lostSlots({ credentials }: ManagedState, { token }: World): Slot[] {
  return slots.filter((slot) => {
    const credential = credentials[slot];
    const createdAt = token && entryOf(token, slot)?.createdAt;
    return credential && credential.slotCreatedAt !== createdAt;
  });
}

function issuesCredential({ finding, action }: WorkOf<'heal'>): boolean {
  return action === 'rotate' || finding === 'deletedOutOfBand';
}

function restoringSteps(
  { finding, action }: WorkOf<'heal'>,
  { managed, published }: ManagedState,
  { token }: World,
): Step[] {
  const { access, entrance, delivery } = managed;
  const { vault, secretName } = delivery;
  if (action === 'disable') return [{ kind: 'setTokenStatus', input: { enabled: false } }];
  switch (finding) {
    case 'disabledOutOfBand':
      return [{ kind: 'setTokenStatus', input: { enabled: true } }];
    case 'secretDisabled':
      return [{ kind: 'setSecretVersion', input: { vault, secretName, enabled: true } }];
    case 'unpublishedSlotRegenerated': {
      const entry = token && entryOf(token, otherSlot(published ?? 'password2'));
      if (!entry) return [];
      return [{ kind: 'retireSlot', input: { slot: entry.slot, slotCreatedAt: entry.createdAt } }];
    }
    case 'scopeMapChanged':
    case 'scopeMapContentChanged': {
      const { scopeMap, own, repositories } = access;
      const steps: Step[] = [];
      if (own && repositories)
        steps.push({ kind: 'ensureScopeMap', input: { scopeMap, entrance, repositories } });
      if (finding === 'scopeMapChanged') steps.push({ kind: 'bindScopeMap', input: { scopeMap } });
      return steps;
    }
    default:
      return [];
  }
}
