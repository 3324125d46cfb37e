import { openAspects, type PendingCommand, referenceTo } from '../command-order.ts';
import type { Reissue } from '../plan.ts';
import type { StateOf } from '../state.ts';
import { activationSteps, isForeignSecret } from './activation.ts';
import { blockedBy, type Proposal, refuse, type Situation, supersede, withWorld } from './proposal.ts';
import { issueStep, nextGeneration } from './reissue.ts';

/** `token.reinstatement-requested`: the only way back for a revoked token, always with a new credential. */
export function decideReinstatement(pending: PendingCommand, situation: Situation): Proposal {
  const { state } = situation;
  if (openAspects(pending, state.applied).length === 0) return supersede([referenceTo(pending)]);
  switch (state.status) {
    case 'revoked':
      return reinstate(pending, { ...situation, state });
    case 'none':
    case 'deleted':
      return refuse(pending, 'noSuchToken');
    case 'provisioning':
    case 'active':
    case 'disabled':
    case 'expired':
      return refuse(pending, 'tokenNotRevoked');
  }
}

function reinstate(pending: PendingCommand, situation: Situation<StateOf<'revoked'>>): Proposal {
  const { state, facts, now } = situation;
  const command = referenceTo(pending);
  const { managed, incarnation } = state;
  if (managed.endOfLife !== undefined && managed.endOfLife <= now) return refuse(pending, 'tokenExpired');
  return withWorld(situation, { kind: 'judge', command }, (world) => {
    if (isForeignSecret(world, state.identity)) {
      return blockedBy({ kind: 'judge', command }, { code: 'secretNotOurs' });
    }
    const generation = nextGeneration(incarnation, state.generation, world, now);
    // Nothing of before the revocation is worth an overlap.
    const reissue: Reissue = { incarnation, generation, mayCutShort: true };
    const issue = issueStep(state, managed, reissue, facts.rules, now);
    return { work: { kind: 'reinstate', command, reissue }, steps: activationSteps(managed, world, issue) };
  });
}
