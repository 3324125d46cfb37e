import { type PendingCommand, referenceTo } from '../command-order.ts';
import type { ManagedState } from '../state.ts';
import type { Step } from '../steps.ts';
import { acknowledge, type Proposal, refuse, type Situation } from './proposal.ts';

/** `token.deletion-requested`. A revoked token is deleted too, and stays revoked. */
export function decideDeletion(pending: PendingCommand, { state }: Situation): Proposal {
  switch (state.status) {
    case 'none':
      return refuse(pending, 'noSuchToken');
    case 'deleted':
      return acknowledge(pending);
    case 'provisioning':
    case 'active':
    case 'disabled':
    case 'expired':
    case 'revoked':
      return { work: { kind: 'delete', command: referenceTo(pending) }, steps: deletionSteps(state) };
  }
}

/** Token, own map, then secret. */
export function deletionSteps({ managed }: ManagedState): Step[] {
  const { access, entrance, delivery } = managed;
  const { vault, secretName } = delivery;
  const steps: Step[] = [{ kind: 'deleteToken', input: {} }];
  if (access.own) steps.push({ kind: 'deleteScopeMap', input: { scopeMap: access.scopeMap, entrance } });
  steps.push({ kind: 'deleteSecret', input: { vault, secretName } });
  return steps;
}
