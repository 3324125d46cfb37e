import type { Instant } from '../../contracts/instants.ts';
import { about } from '../announce.ts';
import type { Work } from '../plan.ts';
import type { Draft } from '../settlement.ts';
import { managedPart, type TokenState } from '../state.ts';
import { unmanaged } from './ending.ts';

/** What a command that was given up leaves behind, where that is not simply what was there before. */
export function leftBehind(state: TokenState, work: Work, code: string, now: Instant): Draft {
  if (state.status === 'none') return { state };
  if ('command' in work && state.adoption && state.adoption.command === work.command?.key)
    return { state: unmanaged(state) };
  if (work.kind === 'reinstate') return { state: cutOffAgain(state, work.command, now) };
  const wasOn = state.status === 'provisioning' || state.status === 'active';
  if (code !== 'disabledByPolicy' || !wasOn) return { state };
  return {
    state: { ...managedPart(state), status: 'disabled', since: now },
    events: [
      {
        type: 'keyturn.token.disabled',
        severity: 'critical',
        data: { ...about(state), cause: 'outOfBand', at: now },
      },
    ],
  };
}

/** A reinstatement that came half way may have enabled the token, or published a password. */
function cutOffAgain<State extends Exclude<TokenState, { status: 'none' }>>(
  state: State,
  command: NonNullable<State['revocation']>['command'],
  now: Instant,
): State {
  return { ...state, revocation: { command, since: now, attempts: 0, ended: true } };
}
