import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../ports/clock.ts';
import type { InventoryRow, StoredRow } from '../ports/inventory.ts';
import type { InventoryRetention } from '../ports/retention.ts';
import { isFailure } from '../ports/service-failure.ts';
import type { Caller } from './call.ts';
import { keysOf } from './inventory-table.ts';
import { callTable, recordsCaller } from './record-tables.ts';

/** Clears away rows of the inventory's table, each as long as it is as it was read. */
export class InventoryRetentionTable implements InventoryRetention {
  readonly #table: TableClient;
  readonly #caller: Caller;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
  }

  async resetRow({ row: { registry, token }, etag }: StoredRow): Promise<StoredRow | undefined> {
    const row: InventoryRow = { registry, token, status: 'none', plan: 0 };
    const entity = { ...keysOf(registry, token), ...row };
    const written = await unlessChanged(() =>
      callTable(this.#table, this.#caller, 'resetRow', (abortSignal) =>
        this.#table.updateEntity(entity, 'Replace', { etag, abortSignal }),
      ),
    );
    return written?.etag === undefined ? undefined : { row, etag: written.etag };
  }

  async removeRow({ row: { registry, token }, etag }: StoredRow): Promise<boolean> {
    const { partitionKey, rowKey } = keysOf(registry, token);
    const removed = await unlessChanged(() =>
      callTable(this.#table, this.#caller, 'removeRow', (abortSignal) =>
        this.#table.deleteEntity(partitionKey, rowKey, { etag, abortSignal }),
      ),
    );
    return removed !== undefined;
  }
}

async function unlessChanged<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isFailure(error, 'conditionNotMet', 'notFound')) return undefined;
    throw error;
  }
}
