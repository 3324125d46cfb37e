import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { KeyturnEvent } from '../contracts/events.ts';
import type { CommandOutcome } from '../lifecycle/settlement.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeniedCommands } from '../ports/denied-commands.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { AcceptedCommand } from '../ports/token-records.ts';
import type { Caller } from './call.ts';
import { splitText } from './large-text.ts';
import { partitionOf, rowKinds } from './record-rows.ts';
import { callTable, orUndefined, recordsCaller } from './record-tables.ts';

/** Denied commands in the table of the records, as `TokenRecordsTable` reads them. */
export class DeniedCommandsTable implements DeniedCommands {
  readonly #table: TableClient;
  readonly #caller: Caller;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
  }

  async insertDenied(
    token: TokenIdentity,
    command: AcceptedCommand,
    outcome: CommandOutcome,
    event: KeyturnEvent,
  ): Promise<'inserted' | 'duplicate' | 'differentContent'> {
    const partitionKey = partitionOf(token);
    const actions = deniedRows(partitionKey, command, outcome, event);
    try {
      await callTable(this.#table, this.#caller, 'insertDenied', (abortSignal) =>
        this.#table.submitTransaction(actions, { abortSignal }),
      );
      return 'inserted';
    } catch (error) {
      if (!isFailure(error, 'alreadyExists')) throw error;
    }
    const row = await callTable(this.#table, this.#caller, 'insertDenied', (abortSignal) =>
      orUndefined(
        this.#table.getEntity<{ digest?: string }>(partitionKey, rowKinds.command + command.key, {
          abortSignal,
        }),
      ),
    );
    return row?.digest === command.digest ? 'duplicate' : 'differentContent';
  }
}

function deniedRows(
  partitionKey: string,
  { key, entrance, command: { source, id, type }, digest, acceptedAt }: AcceptedCommand,
  outcome: CommandOutcome,
  event: KeyturnEvent,
): TransactionAction[] {
  const kept = { entrance, source, commandId: id, type, digest, acceptedAt };
  return [
    ['create', { partitionKey, rowKey: rowKinds.command + key, ...kept, outcome: JSON.stringify(outcome) }],
    [
      'create',
      { partitionKey, rowKey: `${rowKinds.outbox}denied-${key}`, ...splitText(JSON.stringify(event)) },
    ],
  ];
}
