import type { EventContent, EventOf } from '../../contracts/events.ts';
import type { Instant } from '../../contracts/instants.ts';
import { about, publishedData } from '../announce.ts';
import type { CommandReference } from '../command-order.ts';
import type { StateOf } from '../state.ts';
import { type StepResult, success } from '../steps.ts';

/** That a new password is published; nothing if there is none. */
export function announceRotated(
  state: StateOf<'active'>,
  cause: EventOf<'keyturn.token.rotated'>['data']['cause'],
  command: CommandReference | undefined,
  results: readonly StepResult[],
  now: Instant,
): EventContent[] {
  const data = publishedData(state, now);
  const cutShort = success(results, 'issueCredential')?.cutShort;
  if (!data) return [];
  return [
    {
      type: 'keyturn.token.rotated',
      severity: 'info',
      data: { ...about(state, command), ...data, cause, ...(cutShort ? { cutShort } : {}) },
    },
  ];
}
