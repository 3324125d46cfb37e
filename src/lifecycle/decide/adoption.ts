import { type PendingCommand, referenceTo } from '../command-order.ts';
import type { Slot } from '../credential.ts';
import type { RegistryToken } from '../facts.ts';
import { isDue } from '../instant-arithmetic.ts';
import type { Reissue } from '../plan.ts';
import type { Managed, StateOf, TokenState } from '../state.ts';
import { isForeignSecret, recoverySteps } from './activation.ts';
import {
  acknowledge,
  blockedBy,
  deny,
  type Proposal,
  refuse,
  type Situation,
  supersede,
  type World,
  withWorld,
} from './proposal.ts';
import { issueStep, nextGeneration } from './reissue.ts';
import { begin, comesTooLate } from './requested.ts';

/**
 * `token.adoption-requested`: takes a token that others made under management, as it is. A new password goes into the
 * slot that is named; the other one is left alone until the first rotation.
 */
export function decideAdoption(
  pending: PendingCommand,
  slot: Slot,
  managed: Managed,
  situation: Situation,
): Proposal {
  const { state } = situation;
  switch (state.status) {
    case 'none':
    case 'deleted':
      if (comesTooLate(pending, state)) return supersede([referenceTo(pending)]);
      return adopt(pending, slot, managed, { ...situation, state });
    case 'provisioning':
      if (!isAdoptedBy(state, pending)) return refuse(pending, 'alreadyManaged');
      return adopt(pending, slot, managed, { ...situation, state });
    case 'active':
    case 'disabled':
    case 'expired':
      // Disabled on the way: to enable it issues the password.
      return isAdoptedBy(state, pending) ? acknowledge(pending) : refuse(pending, 'alreadyManaged');
    case 'revoked':
      return refuse(pending, 'tokenRevoked');
  }
}

/** Whether this command began to adopt the token, and has not come to its end. */
export function isAdoptedBy(state: TokenState, { key }: PendingCommand): boolean {
  return state.status !== 'none' && state.adoption?.command === key;
}

/**
 * Denies an adoption. If it had begun, the secret that it may have written goes; token and scope map are not ours, and
 * stay as they are.
 */
export function declineAdoption(
  pending: PendingCommand,
  state: TokenState,
  rule: string,
  detail?: string,
): Proposal {
  if (state.status === 'none' || !isAdoptedBy(state, pending)) return deny(pending, rule, detail);
  const { vault, secretName } = state.managed.delivery;
  const because = { rule, ...(detail === undefined ? {} : { detail }) };
  return {
    work: { kind: 'abandon', command: referenceTo(pending), ...because },
    steps: [{ kind: 'deleteSecret', input: { vault, secretName } }],
  };
}

function adopt(
  pending: PendingCommand,
  slot: Slot,
  managed: Managed,
  situation: Situation<StateOf<'none' | 'deleted' | 'provisioning'>>,
): Proposal {
  const { state, now, facts } = situation;
  const command = referenceTo(pending);
  if (isDue(managed.endOfLife, now)) return declineAdoption(pending, state, 'tokenExpired');
  return withWorld(situation, { kind: 'judge', command }, (world) => {
    const { token } = world;
    if (!token) return declineAdoption(pending, state, 'noSuchToken');
    if (!token.enabled)
      return isBeingDisabled(situation)
        ? blockedBy({ kind: 'judge', command }, { code: 'conflict' })
        : declineAdoption(pending, state, 'tokenDisabled');
    if (isForeignSecret(world, state.identity))
      return blockedBy({ kind: 'judge', command }, { code: 'secretNotOurs' });
    const begun = beginAdoption(pending, slot, managed, situation, { ...world, token });
    const generation = nextGeneration(begun.incarnation, begun.generation, world, now);
    const reissue: Reissue = { incarnation: begun.incarnation, generation, mayCutShort: true };
    const issue = issueStep(begun, managed, reissue, facts.rules, now);
    const steps = [...recoverySteps(managed, world), issue];
    return { work: { kind: 'adopt', command, reissue }, steps, state: begun };
  });
}

/** Whether it may have been us who disabled the token: what was asked for is not complete. */
function isBeingDisabled({ commands }: Situation): boolean {
  return commands.some(({ command }) => command.type === 'keyturn.token.disable-requested');
}

/**
 * Says in the record, before the token is touched, that it is not of our making, nor are the passwords that it has now:
 * they are accounted for.
 */
function beginAdoption(
  pending: PendingCommand,
  slot: Slot,
  managed: Managed,
  { state, now }: Situation,
  world: World & { readonly token: RegistryToken },
): StateOf<'provisioning'> {
  const begun = begin(state, managed, referenceTo(pending), world, now);
  if (state.status === 'provisioning') return begun;
  const found = world.token.passwords.map(({ slot: each, createdAt }) => [each, createdAt]);
  return { ...begun, adoption: { command: pending.key, slot }, accounted: Object.fromEntries(found) };
}
