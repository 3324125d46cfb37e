import type { Instant } from '../../contracts/instants.ts';
import { internalEntrance } from '../../contracts/internal-commands.ts';
import { about, aboutAsker } from '../announce.ts';
import { marked } from '../command-order.ts';
import type { WorkOf } from '../plan.ts';
import type { Draft } from '../settlement.ts';
import type { StateOf, TokenState } from '../state.ts';

// Work without steps: it only says how a command ends.

export function denied(state: TokenState, work: WorkOf<'deny'>, now: Instant): Draft {
  const { command, rule, detail } = work;
  const because = { ...(detail === undefined ? {} : { detail }) };
  const applied = work.marksExistence ? marked(state.applied, command, ['existence']) : state.applied;
  return {
    state: { ...state, applied },
    events: [
      {
        type: 'keyturn.token.request-denied',
        severity: 'warning',
        data: { ...aboutAsker(state, command), rule, ...because },
      },
    ],
    outcomes: [{ key: command.key, status: 'denied', at: now, code: rule, ...because }],
  };
}

export function superseded(state: TokenState, { commands }: WorkOf<'supersede'>, now: Instant): Draft {
  return { state, outcomes: commands.map(({ key }) => ({ key, status: 'superseded', at: now })) };
}

export function putOff(
  state: StateOf<'active' | 'disabled'>,
  work: WorkOf<'deferRotation'>,
  now: Instant,
): Draft {
  const { command, compromised, previousValidFor, cause, until } = work;
  const notBefore = until === undefined ? {} : { notBefore: until };
  const kept = previousValidFor === undefined ? {} : { previousValidFor };
  const deferredRotation = { command, compromised, ...kept, ...notBefore };
  // What a schedule asks for is answered by whatever rotation comes; it takes no place of what a person asked for.
  const before = command.entrance === internalEntrance ? state.deferredRotation : undefined;
  return {
    state: { ...state, deferredRotation: before ?? deferredRotation },
    events:
      until === undefined
        ? []
        : [
            {
              type: 'keyturn.token.rotation-deferred',
              severity: 'info',
              data: { ...about(state, command), until, cause },
            },
          ],
    outcomes: [
      {
        key: command.key,
        status: 'deferred',
        at: now,
        code: cause,
        ...(until === undefined ? {} : { until }),
      },
    ],
  };
}
