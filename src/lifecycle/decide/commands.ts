import type { CommandType } from '../../contracts/commands.ts';
import type { Instant } from '../../contracts/instants.ts';
import {
  type Aspect,
  alwaysCounts,
  aspectsOf,
  inOrder,
  type PendingCommand,
  referenceTo,
} from '../command-order.ts';
import type { TokenState } from '../state.ts';
import { decideAdoption, declineAdoption, isAdoptedBy } from './adoption.ts';
import { decideAccessChanged } from './converge.ts';
import { decideDeletion, deletionSteps } from './deletion.ts';
import { blockedBy, deny, type Proposal, type Situation } from './proposal.ts';
import { decideReinstatement } from './reinstatement.ts';
import { decideRequested } from './requested.ts';
import { decideRevocation } from './revocation.ts';
import { decideRotationRequested } from './rotation.ts';
import { decideDisable, decideEnable } from './status.ts';

/**
 * The commands that may be worked on now, in the order in which they are: revocations, then as the broker took them.
 * One that failed waits for its next try, and so does what was sent after it about the same side of the token; what
 * always counts waits for nothing.
 */
export function actionableCommands(
  state: TokenState,
  commands: readonly PendingCommand[],
  now: Instant,
): PendingCommand[] {
  const heldUp = new Set<Aspect>();
  return inOrder(commands).filter((pending) => {
    const { type } = pending.command;
    const aspects = aspectsOf(type);
    const waits =
      isBackingOff(pending, state, now) ||
      (!alwaysCounts(type) && (heldUp.has('existence') || aspects.some((aspect) => heldUp.has(aspect))));
    if (waits) for (const aspect of [...aspects, ...standsFor(type)]) heldUp.add(aspect);
    return !waits && !(isCuttingOff(state) && type !== 'keyturn.token.deletion-requested');
  });
}

/** What comes after a reinstatement was meant for the token that it brings back. */
function standsFor(type: CommandType): readonly Aspect[] {
  return type === 'keyturn.token.reinstatement-requested' ? ['existence'] : [];
}

function isBackingOff({ key }: PendingCommand, state: TokenState, now: Instant): boolean {
  const failure = state.failures[key];
  return failure !== undefined && failure.retryAt > now;
}

/** Until a token is cut off there is nothing to do with it but that, or to delete it. */
export function isCuttingOff(state: TokenState): boolean {
  return state.status !== 'none' && state.revocation !== undefined && !state.revocation.ended;
}

/** What a command leads to, once the policy has judged it. */
export function decideCommand(pending: PendingCommand, situation: Situation): Proposal {
  const command = referenceTo(pending);
  const judgement = situation.facts.judgements[pending.key] ?? { verdict: 'unknown', code: 'unexpected' };
  switch (judgement.verdict) {
    case 'unknown':
      return blockedBy({ kind: 'judge', command }, judgement);
    case 'denied':
      return decideDenied(pending, judgement.rule, judgement.detail, situation);
    case 'allowed':
      return decideAllowed(pending, judgement, situation);
  }
}

type Allowed = Extract<Situation['facts']['judgements'][string], { verdict: 'allowed' }>;

function decideAllowed(
  pending: PendingCommand,
  { managed, access }: Allowed,
  situation: Situation,
): Proposal {
  const { command } = pending;
  const incomplete = () =>
    blockedBy({ kind: 'judge', command: referenceTo(pending) }, { code: 'unexpected' });
  switch (command.type) {
    case 'keyturn.token.requested':
      return managed ? decideRequested(pending, managed, situation) : incomplete();
    case 'keyturn.token.adoption-requested':
      return managed ? decideAdoption(pending, command.data.slot, managed, situation) : incomplete();
    case 'keyturn.token.access-changed':
      return access ? decideAccessChanged(pending, access, situation) : incomplete();
    case 'keyturn.token.rotation-requested':
      return decideRotationRequested(pending, command.data, situation);
    case 'keyturn.token.disable-requested':
      return decideDisable(pending, situation);
    case 'keyturn.token.enable-requested':
      return decideEnable(pending, situation);
    case 'keyturn.token.deletion-requested':
      return decideDeletion(pending, situation);
    case 'keyturn.token.revocation-requested':
      return decideRevocation(pending, situation);
    case 'keyturn.token.reinstatement-requested':
      return decideReinstatement(pending, situation);
  }
}

function decideDenied(
  pending: PendingCommand,
  rule: string,
  detail: string | undefined,
  { state }: Situation,
): Proposal {
  const command = referenceTo(pending);
  const because = { rule, ...(detail === undefined ? {} : { detail }) };
  if (isAdoptedBy(state, pending)) return declineAdoption(pending, state, rule, detail);
  if (state.status === 'provisioning' && state.command.key === pending.key) {
    return { work: { kind: 'abandon', command, ...because }, steps: deletionSteps(state) };
  }
  const denied = deny(pending, rule, detail);
  const marks = rule === 'noSuchToken' && alwaysCounts(pending.command.type);
  return marks ? { ...denied, work: { kind: 'deny', command, ...because, marksExistence: true } } : denied;
}
