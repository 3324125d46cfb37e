import type { Instant } from '../../contracts/instants.ts';
import {
  type CommandReference,
  isOlder,
  openAspects,
  type PendingCommand,
  referenceTo,
} from '../command-order.ts';
import { isDue } from '../instant-arithmetic.ts';
import type { Reissue, WorkOf } from '../plan.ts';
import { type Managed, recordPart, type StateOf, type TokenState } from '../state.ts';
import { activationSteps, isForeignSecret } from './activation.ts';
import { converge } from './converge.ts';
import {
  blockedBy,
  type Proposal,
  refuse,
  type Situation,
  supersede,
  type World,
  withWorld,
} from './proposal.ts';
import { issueStep, nextGeneration } from './reissue.ts';

/** `token.requested`: makes a token, or brings the one that is there to what is asked for now. */
export function decideRequested(pending: PendingCommand, managed: Managed, situation: Situation): Proposal {
  const { state } = situation;
  if (comesTooLate(pending, state)) return supersede([referenceTo(pending)]);
  switch (state.status) {
    case 'none':
    case 'provisioning':
    case 'deleted':
    case 'expired':
      return provision(pending, managed, situation);
    case 'revoked':
      return refuse(pending, 'tokenRevoked');
    case 'active':
    case 'disabled':
      return convergeOrRecreate(pending, managed, { ...situation, state });
  }
}

/**
 * A request does not bring back a token whose deletion or revocation was asked for since it was sent, whenever it
 * arrives. One that was sent after that, while the token was still being deleted, does.
 */
export function comesTooLate(pending: PendingCommand, state: TokenState): boolean {
  const { applied, status } = state;
  if (openAspects(pending, applied).length === 0) return true;
  if (status === 'active' || status === 'disabled') return false;
  if (isOlder(pending, applied.existence)) return true;
  if (status === 'revoked') return isOlder(pending, applied.status);
  return status === 'deleted' && pending.command.time < (applied.existence?.enqueuedAt ?? state.since);
}

/** A later request changes what a token may do and for how long, never whose it is or where its password goes. */
function convergeOrRecreate(
  pending: PendingCommand,
  asked: Managed,
  situation: Situation<StateOf<'active' | 'disabled'>>,
): Proposal {
  const { entrance, owner, delivery } = situation.state.managed;
  const managed = { ...asked, entrance, owner, delivery };
  return withWorld(situation, { kind: 'judge', command: referenceTo(pending) }, (world) =>
    situation.state.status === 'active' && world.token === null
      ? provision(pending, managed, situation)
      : converge(pending, managed, situation, world),
  );
}

function provision(pending: PendingCommand, managed: Managed, situation: Situation): Proposal {
  const { state, now, facts } = situation;
  const command = referenceTo(pending);
  const judge: WorkOf<'judge'> = { kind: 'judge', command };
  if (isDue(managed.endOfLife, now)) return refuse(pending, 'tokenExpired');
  return withWorld(situation, judge, (world) => {
    if (isTakenByOthers(state, world)) return blockedBy(judge, { code: 'tokenNotOurs' });
    if (isForeignSecret(world, state.identity)) return blockedBy(judge, { code: 'secretNotOurs' });
    const begun = begin(state, managed, command, world, now);
    const generation = nextGeneration(begun.incarnation, begun.generation, world, now);
    // What was promised in an earlier life ended with it.
    const reissue: Reissue = { incarnation: begun.incarnation, generation, mayCutShort: true };
    const issue = issueStep(begun, managed, reissue, facts.rules, now);
    return {
      work: { kind: 'provision', command, reissue },
      steps: activationSteps(managed, world, issue),
      state: begun,
    };
  });
}

/**
 * Says in the record that the token is being made, before it is: a token that is found there later is then known to
 * be this one. Passwords of an earlier life are left behind.
 */
export function begin(
  state: TokenState,
  managed: Managed,
  command: CommandReference,
  { publications }: World,
  now: Instant,
): StateOf<'provisioning'> {
  if (state.status === 'provisioning') return { ...state, managed, command };
  const incarnation = Math.max(state.incarnation, ...publications.map(({ tags }) => tags.incarnation)) + 1;
  return {
    ...recordPart(state),
    status: 'provisioning',
    since: now,
    command,
    managed,
    incarnation,
    generation: 0,
    credentials: {},
    warned: {},
  };
}

/** An expired token is still there; any other that is found before this life began is somebody else's, until it is adopted. */
function isTakenByOthers(state: TokenState, { token }: World): boolean {
  if (state.status === 'provisioning') return state.adoption !== undefined;
  return token !== null && (state.status === 'none' || state.status === 'deleted');
}
