import type { TableClient } from '@azure/data-tables';
import type { Instant } from '../contracts/instants.ts';
import { readState } from '../lifecycle/read-state.ts';
import type { CommandOutcome, HistoryEntry } from '../lifecycle/settlement.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeptRow, RecordRemains, RecordRetention } from '../ports/retention.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { StoredState } from '../ports/token-records.ts';
import type { Caller } from './call.ts';
import { joinText } from './large-text.ts';
import { jsonOf, observedRow, partitionOf, type Row, rowKinds, rowsOf, stateRow } from './record-rows.ts';
import { callTable, mostActions, orUndefined, recordsCaller } from './record-tables.ts';
import { listRows } from './table-pages.ts';
import { leaseRow } from './token-leases-table.ts';

/** Clears away rows in the table of the records. */
export class RecordRetentionTable implements RecordRetention {
  readonly #table: TableClient;
  readonly #caller: Caller;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
  }

  async readRemains(token: TokenIdentity): Promise<RecordRemains> {
    const rows = await this.#rows('readRemains', `PartitionKey eq '${partitionOf(token)}'`);
    const state = rows.find(({ rowKey }) => rowKey === stateRow);
    const lease = rows.find(({ rowKey }) => rowKey === leaseRow);
    const history = rows.flatMap((row) => historyRowOf(row) ?? []);
    const ended = rows.flatMap((row) => endedCommandOf(row) ?? []);
    const empty = rows.filter((row) => row.rowKey === observedRow && joinText(row) === '').map(keptRowOf);
    const known = history.length + ended.length + empty.length + (state ? 1 : 0) + (lease ? 1 : 0);
    return {
      ...(state ? { stored: { state: readState(jsonOf(state)), etag: String(state.etag) } } : {}),
      ...(lease ? { lease: { ...keptRowOf(lease), until: String(lease.until) } } : {}),
      history,
      ended,
      empty,
      waits: known < rows.length,
    };
  }

  async readHistoryRows(token: TokenIdentity): Promise<RecordRemains['history']> {
    const rows = await this.#rows('readHistoryRows', rowsOf(partitionOf(token), 'history'));
    return rows.flatMap((row) => historyRowOf(row) ?? []);
  }

  async removeRows(token: TokenIdentity, keys: readonly string[]): Promise<void> {
    const partition = partitionOf(token);
    for (let start = 0; start < keys.length; start += mostActions) {
      const batch = keys.slice(start, start + mostActions);
      try {
        await callTable(this.#table, this.#caller, 'removeRows', (abortSignal) =>
          this.#table.submitTransaction(
            batch.map((rowKey) => ['delete', { partitionKey: partition, rowKey }]),
            { abortSignal },
          ),
        );
      } catch (error) {
        if (!isFailure(error, 'notFound')) throw error;
        for (const key of batch) await this.#removeOne('removeRows', partition, key);
      }
    }
  }

  async removeEndedCommand(token: TokenIdentity, key: string, before: Instant): Promise<boolean> {
    const partition = partitionOf(token);
    const rowKey = rowKinds.command + key;
    const row = await callTable(this.#table, this.#caller, 'removeEndedCommand', (abortSignal) =>
      orUndefined(this.#table.getEntity<Record<string, unknown>>(partition, rowKey, { abortSignal })),
    );
    if (!row) return true;
    const endedAt = endedCommandOf(row)?.endedAt;
    if (endedAt === undefined || endedAt >= before) return false;
    await this.#removeOne('removeEndedCommand', partition, rowKey);
    return true;
  }

  async removeUnchanged(token: TokenIdentity, { key, etag }: KeptRow): Promise<boolean> {
    return this.#removeConditionally('removeUnchanged', partitionOf(token), key, etag);
  }

  /** By itself: the client of the tables cannot delete under a condition within a transaction. */
  async removeState({ state, etag }: StoredState): Promise<boolean> {
    return this.#removeConditionally('removeState', partitionOf(state.identity), stateRow, etag);
  }

  async #removeConditionally(
    operation: string,
    partition: string,
    rowKey: string,
    etag: string,
  ): Promise<boolean> {
    try {
      await callTable(this.#table, this.#caller, operation, (abortSignal) =>
        this.#table.deleteEntity(partition, rowKey, { etag, abortSignal }),
      );
      return true;
    } catch (error) {
      if (isFailure(error, 'conditionNotMet')) return false;
      // Gone: by a first try of our own whose answer got lost, if not by somebody else.
      if (isFailure(error, 'notFound')) return true;
      throw error;
    }
  }

  async #removeOne(operation: string, partition: string, rowKey: string): Promise<void> {
    await callTable(this.#table, this.#caller, operation, (abortSignal) =>
      orUndefined(this.#table.deleteEntity(partition, rowKey, { abortSignal })),
    );
  }

  async #rows(operation: string, filter: string): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const row of listRows(this.#table, this.#caller, operation, filter)) rows.push(row);
    return rows;
  }
}

function keptRowOf({ rowKey, etag }: Row): KeptRow {
  return { key: String(rowKey), etag: String(etag) };
}

function historyRowOf(row: Row): (KeptRow & { readonly entry: HistoryEntry }) | undefined {
  if (!String(row.rowKey).startsWith(rowKinds.history)) return undefined;
  return { ...keptRowOf(row), entry: jsonOf(row) as HistoryEntry };
}

function endedCommandOf(row: Row): (KeptRow & { readonly endedAt: Instant }) | undefined {
  if (!String(row.rowKey).startsWith(rowKinds.command) || row.outcome === undefined) return undefined;
  const { at } = JSON.parse(String(row.outcome)) as CommandOutcome;
  return { ...keptRowOf(row), endedAt: at };
}
