import { isDeepStrictEqual } from 'node:util';
import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { PendingCommand } from '../lifecycle/command-order.ts';
import { mergeObservations, type Observation } from '../lifecycle/drift/observation.ts';
import { readState } from '../lifecycle/read-state.ts';
import type { HistoryEntry, Settlement } from '../lifecycle/settlement.ts';
import type { TokenIdentity, TokenState } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import { isFailure, ServiceFailure } from '../ports/service-failure.ts';
import type {
  AcceptedCommand,
  CommandStatus,
  HistoryRequest,
  OutboxEvent,
  Page,
  StoredState,
  TokenRecord,
  TokenRecords,
} from '../ports/token-records.ts';
import type { Caller } from './call.ts';
import {
  acceptedRows,
  commandStatusOf,
  historyFrom,
  jsonOf,
  observationEntity,
  observationOf,
  observedRow,
  outboxEventOf,
  outboxEvents,
  partitionOf,
  type Row,
  rowKinds,
  rowsOf,
  rowsToPlanBy,
  settlementRows,
  stateEntity,
  stateRow,
} from './record-rows.ts';
import { callTable, orUndefined, recordsCaller } from './record-tables.ts';
import { readPage } from './table-pages.ts';

/** How often an observation may be added to by others at the same time. */
const mostTries = 5;

/** The records of tokens in one table: a partition for each token. */
export class TokenRecordsTable implements TokenRecords {
  readonly #table: TableClient;
  readonly #caller: Caller;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
  }

  async readState(token: TokenIdentity): Promise<StoredState | undefined> {
    const row = await this.#row('readState', partitionOf(token), stateRow);
    return row && { state: readState(jsonOf(row)), etag: row.etag };
  }

  async readPending(token: TokenIdentity): Promise<PendingCommand[]> {
    const rows = await this.#rows('readPending', rowsOf(partitionOf(token), 'pending'));
    return rows.map((row) => jsonOf(row) as PendingCommand);
  }

  async readRecord(token: TokenIdentity): Promise<TokenRecord> {
    const rows = await this.#rows('readRecord', rowsToPlanBy(partitionOf(token)));
    const of = (kind: keyof typeof rowKinds) =>
      rows.filter(({ rowKey }) => String(rowKey).startsWith(rowKinds[kind]));
    const state = rows.find(({ rowKey }) => rowKey === stateRow);
    const observedEntity = rows.find(({ rowKey }) => rowKey === observedRow);
    const observed = observedEntity && observationOf(observedEntity);
    return {
      ...(state ? { stored: { state: readState(jsonOf(state)), etag: String(state.etag) } } : {}),
      pending: of('pending').map((row) => jsonOf(row) as PendingCommand),
      outbox: of('outbox').map(outboxEventOf),
      ...(observed ? { observed } : {}),
    };
  }

  async insertCommand(
    token: TokenIdentity,
    command: AcceptedCommand,
  ): Promise<'inserted' | 'duplicate' | 'differentContent'> {
    const partition = partitionOf(token);
    try {
      await this.#transact('insertCommand', acceptedRows(partition, command));
      return 'inserted';
    } catch (error) {
      if (!isFailure(error, 'alreadyExists')) throw error;
    }
    const row = await this.#row('insertCommand', partition, rowKinds.command + command.key);
    return row?.digest === command.digest ? 'duplicate' : 'differentContent';
  }

  async readCommand(token: TokenIdentity, key: string): Promise<CommandStatus | undefined> {
    const row = await this.#row('readCommand', partitionOf(token), rowKinds.command + key);
    return row && commandStatusOf(key, row);
  }

  async saveState(state: TokenState, earlier: StoredState | undefined): Promise<StoredState | undefined> {
    const written = await this.#writeState('saveState', state, earlier, []);
    return written ? { state, etag: written } : undefined;
  }

  async closePlan(
    settlement: Settlement,
    record: Pick<TokenRecord, 'stored' | 'pending' | 'observed'>,
  ): Promise<OutboxEvent[] | undefined> {
    const { state } = settlement;
    const others = settlementRows(partitionOf(state.identity), settlement, record);
    const written = await this.#writeState('closePlan', state, record.stored, others);
    return written === undefined ? undefined : outboxEvents(settlement);
  }

  async addObservation(token: TokenIdentity, observation: Observation): Promise<void> {
    const partition = partitionOf(token);
    for (let tries = 0; tries < mostTries; tries += 1) {
      const row = await this.#row('addObservation', partition, observedRow);
      const earlier = row && observationOf(row)?.observation;
      const merged = earlier ? mergeObservations(earlier, observation) : observation;
      if (isDeepStrictEqual(merged, earlier)) return;
      try {
        await this.#transact('addObservation', [observationEntity(partition, merged, row?.etag)]);
        return;
      } catch (error) {
        if (!isFailure(error, 'conditionNotMet', 'alreadyExists', 'notFound')) throw error;
      }
    }
    throw new ServiceFailure({ service: 'records', operation: 'addObservation', code: 'conflict' });
  }

  async readOutbox(token: TokenIdentity): Promise<OutboxEvent[]> {
    const rows = await this.#rows('readOutbox', rowsOf(partitionOf(token), 'outbox'));
    return rows.map(outboxEventOf);
  }

  async removeFromOutbox(token: TokenIdentity, keys: readonly string[]): Promise<void> {
    const partition = partitionOf(token);
    for (const key of keys)
      await callTable(this.#table, this.#caller, 'removeFromOutbox', (abortSignal) =>
        orUndefined(this.#table.deleteEntity(partition, key, { abortSignal })),
      );
  }

  async readHistory(token: TokenIdentity, request: HistoryRequest): Promise<Page<HistoryEntry>> {
    const { fromPlan } = request;
    const partition = partitionOf(token);
    const filter = fromPlan === undefined ? rowsOf(partition, 'history') : historyFrom(partition, fromPlan);
    const page = await readPage(this.#table, this.#caller, 'readHistory', filter, request);
    return { ...page, items: page.items.map((row) => jsonOf(row) as HistoryEntry) };
  }

  /** The ETag of the state as it was written; undefined if it was no longer the earlier one. */
  async #writeState(
    operation: string,
    state: TokenState,
    earlier: StoredState | undefined,
    others: readonly TransactionAction[],
  ): Promise<string | undefined> {
    const writtenBy = crypto.randomUUID();
    const entity = stateEntity(state, writtenBy);
    const write: TransactionAction = earlier
      ? ['update', entity, 'Replace', { etag: earlier.etag }]
      : ['create', entity];
    try {
      return await this.#transact(operation, [write, ...others]);
    } catch (error) {
      if (!isFailure(error, 'conditionNotMet', 'alreadyExists', 'notFound')) throw error;
    }
    const row = await this.#row(operation, entity.partitionKey, stateRow);
    return row?.writtenBy === writtenBy ? row.etag : undefined;
  }

  /** All or nothing. The ETag of the first row, which may be missing in the answer to its creation. */
  #transact(operation: string, actions: TransactionAction[]): Promise<string> {
    return callTable(this.#table, this.#caller, operation, async (abortSignal) => {
      const { subResponses } = await this.#table.submitTransaction(actions, { abortSignal });
      const etag = subResponses[0]?.etag;
      if (subResponses.length !== actions.length || !etag)
        throw new ServiceFailure({ service: 'records', operation, code: 'damagedAnswer' });
      return etag.trim();
    });
  }

  #row(
    operation: string,
    partitionKey: string,
    rowKey: string,
  ): Promise<(Row & { readonly etag: string }) | undefined> {
    return callTable(this.#table, this.#caller, operation, (abortSignal) =>
      orUndefined(this.#table.getEntity<Record<string, unknown>>(partitionKey, rowKey, { abortSignal })),
    );
  }

  #rows(operation: string, filter: string): Promise<Row[]> {
    const queryOptions = { filter };
    return callTable(this.#table, this.#caller, operation, async (abortSignal) => {
      const rows: Row[] = [];
      for await (const row of this.#table.listEntities({ queryOptions, abortSignal })) rows.push(row);
      return rows;
    });
  }
}
