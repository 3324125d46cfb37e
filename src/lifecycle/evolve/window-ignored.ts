import { about } from '../announce.ts';
import type { WorkOf } from '../plan.ts';
import type { Draft } from '../settlement.ts';
import type { StateOf } from '../state.ts';

/** Told once for each published password, before its rotation goes ahead outside of the policy's windows. */
export function windowIgnored(state: StateOf<'active'>, work: WorkOf<'ignoreWindow'>): Draft {
  const { due, opensAt, deadline } = work;
  return {
    state: { ...state, warned: { ...state.warned, rotationWindow: deadline } },
    events: [
      {
        type: 'keyturn.token.rotation-window-ignored',
        severity: 'warning',
        data: { ...about(state), due, opensAt, deadline },
      },
    ],
  };
}
