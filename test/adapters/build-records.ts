import { buildEvent, type KeyturnEvent } from '../../src/contracts/events.ts';
import type { CommandOutcome, Settlement } from '../../src/lifecycle/settlement.ts';
import type { TokenIdentity, TokenState } from '../../src/lifecycle/state.ts';
import type { AcceptedCommand } from '../../src/ports/token-records.ts';
import { active, command, start } from '../lifecycle/build.ts';

/** The state after a plan, settled unless it is said otherwise. */
export const stateOf = (identity: TokenIdentity, plan: number, settled = plan): TokenState => ({
  ...active(),
  identity,
  plan,
  settled,
});

export function accepted(key: string, changes: Partial<AcceptedCommand> = {}): AcceptedCommand {
  return {
    key,
    entrance: 'token-requests',
    enqueuedAt: start,
    sequenceNumber: '9007199254740993',
    command: command('keyturn.token.disable-requested', 0, { reason: 'asked' }).command,
    digest: 'a',
    acceptedAt: start,
    ...changes,
  };
}

export const outcome = (key: string, status: CommandOutcome['status'] = 'done'): CommandOutcome => ({
  key,
  status,
  at: start,
});

export const eventAbout = ({ registry, loginServer, token }: TokenIdentity, id: string): KeyturnEvent =>
  buildEvent(
    {
      type: 'keyturn.token.request-denied',
      severity: 'warning',
      data: { registry, loginServer, token, rule: 'sourceNotAllowed' },
    },
    id,
    start,
  );

export function settlementOf(
  identity: TokenIdentity,
  plan: number,
  changes: Partial<Settlement> = {},
): Settlement {
  return {
    state: stateOf(identity, plan),
    events: [],
    outcomes: [],
    history: [{ at: start, plan, work: 'disable', result: 'done', incarnation: 1, generation: 1 }],
    ...changes,
  };
}
