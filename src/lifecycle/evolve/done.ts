import type { Instant } from '../../contracts/instants.ts';
import type { CommandReference } from '../command-order.ts';
import type { CommandOutcome } from '../settlement.ts';

/** The outcome of a command that was carried out; none for work that no command asked for. */
export function done(command: CommandReference | undefined, at: Instant): CommandOutcome[] {
  return command ? [{ key: command.key, status: 'done', at }] : [];
}
