import { milliseconds } from '../../contracts/durations.ts';
import { openAspects, type PendingCommand, referenceTo } from '../command-order.ts';
import { earliest, plus } from '../instant-arithmetic.ts';
import type { Reissue } from '../plan.ts';
import { refusalsWithoutLife } from '../refusals.ts';
import { validUntil } from '../schedule.ts';
import { chooseSlot, isAlive } from '../slots.ts';
import type { ManagedState, StateOf } from '../state.ts';
import type { Step } from '../steps.ts';
import { activationSteps, isForeignSecret } from './activation.ts';
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
import { retireAtOnce } from './rotation.ts';

/** `token.disable-requested`: registry first, then the vault version, if the policy says so. */
export function decideDisable(pending: PendingCommand, situation: Situation): Proposal {
  const { state, facts } = situation;
  const command = referenceTo(pending);
  switch (state.status) {
    case 'provisioning':
    case 'active':
    case 'disabled':
    case 'expired': {
      const { vault, secretName } = state.managed.delivery;
      const steps: Step[] = [{ kind: 'setTokenStatus', input: { enabled: false } }];
      if (facts.rules.disableSecret)
        steps.push({ kind: 'setSecretVersion', input: { vault, secretName, enabled: false } });
      return { work: { kind: 'disable', command }, steps };
    }
    case 'revoked':
      return acknowledge(pending);
    case 'none':
    case 'deleted':
      return refuse(pending, 'noSuchToken');
  }
}

/** `token.enable-requested`: reads back, and issues a new credential when the published one is of little use. */
export function decideEnable(pending: PendingCommand, situation: Situation): Proposal {
  const { state } = situation;
  if (openAspects(pending, state.applied).length === 0) return supersede([referenceTo(pending)]);
  switch (state.status) {
    case 'active':
    case 'disabled':
      return enable(pending, { ...situation, state });
    default:
      return refuse(pending, refusalsWithoutLife[state.status]);
  }
}

function enable(pending: PendingCommand, situation: Situation<StateOf<'active' | 'disabled'>>): Proposal {
  const { state, facts, now } = situation;
  const command = referenceTo(pending);
  const { managed } = state;
  if (managed.endOfLife !== undefined && managed.endOfLife <= now) return refuse(pending, 'tokenExpired');
  return withWorld(situation, { kind: 'judge', command }, (world) => {
    if (state.status === 'active' && world.token?.enabled) return acknowledge(pending);
    const reissue = reissueFor(situation, world);
    if (reissue && isForeignSecret(world, state.identity)) {
      return blockedBy({ kind: 'judge', command }, { code: 'secretNotOurs' });
    }
    const issue = reissue && issueStep(state, managed, reissue, facts.rules, now);
    return {
      work: { kind: 'enable', command, ...(reissue ? { reissue } : {}) },
      steps: [
        ...overdueRetirements(state, now),
        ...activationSteps(managed, world, issue),
        ...(reissue ? retireAtOnce(publishedOf(state), reissue) : []),
      ],
    };
  });
}

function publishedOf({ credentials, published }: ManagedState) {
  return published && credentials[published];
}

/** A password whose end was due while the token was disabled does not come back with it. */
function overdueRetirements({ credentials }: ManagedState, now: string): Step[] {
  return Object.values(credentials).flatMap((credential): Step[] => {
    if (credential?.retireAt === undefined || credential.retiredAt || credential.retireAt > now) return [];
    const { slot, slotCreatedAt } = credential;
    return [{ kind: 'retireSlot', input: { slot, slotCreatedAt } }];
  });
}

/** A new credential, unless the published one is on record and lasts, or its successor would last no longer. */
function reissueFor(situation: Situation<StateOf<'active' | 'disabled'>>, world: World): Reissue | undefined {
  const { state, now } = situation;
  const { managed, deferredRotation, incarnation } = state;
  const generation = nextGeneration(incarnation, state.generation, world, now);
  const putOff =
    deferredRotation && (deferredRotation.notBefore ?? now) <= now ? deferredRotation : undefined;
  const { compromised: mayCutShort = false, previousValidFor } = putOff ?? {};
  const reissue = {
    incarnation,
    generation,
    mayCutShort,
    ...(previousValidFor === undefined ? {} : { previousValidFor }),
  };
  if (isPublished(reissue, world)) return reissue;
  if (!putOff && isOfUse(situation, world)) return undefined;
  const { overlap } = managed.schedule;
  const passwords = world.token?.passwords ?? [];
  return chooseSlot({ passwords }, world.slots, { overlap, mayCutShort, now }).ok ? reissue : undefined;
}

function isOfUse({ state, facts, now }: Situation<StateOf<'active' | 'disabled'>>, world: World): boolean {
  const { schedule, endOfLife } = state.managed;
  const { credentials, published } = world.slots;
  const current = published && published === state.published ? credentials[published] : undefined;
  if (!current || world.secret.standing !== 'present') return false;
  if (!isAlive(current, { passwords: world.token?.passwords ?? [] }, now)) return false;
  const successorUntil = validUntil(now, schedule, {
    endOfLife,
    longestValidity: facts.rules.longestValidity,
  });
  return current.expiresAt >= earliest(plus(now, milliseconds(schedule.overlap)), successorUntil);
}
