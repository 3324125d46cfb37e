import type { Instant } from '../../contracts/instants.ts';
import { type CommandReference, type PendingCommand, referenceTo } from '../command-order.ts';
import { isDue } from '../instant-arithmetic.ts';
import { workKey } from '../plan.ts';
import type { ManagedState, TokenState } from '../state.ts';
import { type CutOffPart, cutOffParts } from '../steps.ts';
import { acknowledge, type Proposal, refuse, type Situation } from './proposal.ts';

/**
 * `token.revocation-requested`: says in the record that it has begun, so that it goes on until it is complete. Sent
 * after an earlier one was complete it is done again: a reinstatement may have come half way in between.
 */
export function decideRevocation(pending: PendingCommand, { state, now }: Situation): Proposal {
  const command = referenceTo(pending);
  switch (state.status) {
    case 'none':
    case 'deleted':
      return refuse(pending, 'noSuchToken');
    case 'revoked':
      if (pending.enqueuedAt <= state.since) return acknowledge(pending);
      return cutOff(begun(state, command, now), command);
    case 'provisioning':
    case 'active':
    case 'disabled':
    case 'expired':
      return cutOff(begun(state, command, now), command);
  }
}

function begun(state: ManagedState, command: CommandReference, now: Instant): ManagedState {
  return { ...state, revocation: { command, since: now, attempts: 0, ended: false } };
}

/** Goes on with a revocation that is not complete, when its time has come. */
export function continuedRevocation({ state, now }: Situation): Proposal | undefined {
  if (state.status === 'none' || !state.revocation || !isDue(revocationDue(state), now)) return undefined;
  return cutOff(state, state.revocation.command);
}

/** When an incomplete revocation is tried again; nothing if there is none. */
export function revocationDue(state: TokenState): Instant | undefined {
  if (state.status === 'none' || !state.revocation) return undefined;
  const { command, since } = state.revocation;
  return state.failures[workKey({ kind: 'revoke', command })]?.retryAt ?? since;
}

function cutOff(state: ManagedState, command: CommandReference): Proposal {
  const { vault, secretName } = state.managed.delivery;
  const input = { missing: missingParts(state), vault, secretName };
  return { work: { kind: 'revoke', command }, steps: [{ kind: 'revoke', input }], state };
}

/** What is still to be done before a token is cut off. */
export function missingParts({ revocation }: ManagedState): CutOffPart[] {
  const done: Readonly<Record<CutOffPart, string | undefined>> = {
    disabled: revocation?.disabledAt,
    secretVersionOff: revocation?.secretOffAt,
    passwordsRegenerated: revocation?.regeneratedAt,
  };
  return cutOffParts.filter((part) => done[part] === undefined);
}
