import type { KeyturnEvent } from '../contracts/events.ts';
import type { CommandOutcome } from '../lifecycle/settlement.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { AcceptedCommand } from './token-records.ts';

/** @throws ServiceFailure from every method */
export interface DeniedCommands {
  /**
   * Keeps a command that was denied at the door: its row with its outcome, and the event in the token's outbox, in one
   * transaction. It is never pending. `duplicate`: it is there already, whatever became of it; `differentContent`:
   * another one with its key is.
   */
  insertDenied(
    token: TokenIdentity,
    command: AcceptedCommand,
    outcome: CommandOutcome,
    event: KeyturnEvent,
  ): Promise<'inserted' | 'duplicate' | 'differentContent'>;
}
