import type { TableClient } from '@azure/data-tables';
import { isFailure } from '../ports/service-failure.ts';
import type { Caller } from './call.ts';
import type { Row } from './record-rows.ts';
import { callTable, orUndefined } from './record-tables.ts';

/** Rows of a table, each of which several may write at once: whoever read it last wins, and the others are told. */
export class ConditionalRows {
  readonly #table: TableClient;
  readonly #caller: Caller;

  constructor(table: TableClient, caller: Caller) {
    this.#table = table;
    this.#caller = caller;
  }

  /** @throws ServiceFailure */
  read(
    operation: string,
    partitionKey: string,
    rowKey: string,
  ): Promise<(Row & { readonly etag: string }) | undefined> {
    return callTable(this.#table, this.#caller, operation, (abortSignal) =>
      orUndefined(this.#table.getEntity<Record<string, unknown>>(partitionKey, rowKey, { abortSignal })),
    );
  }

  /**
   * The ETag of the row as it was written; undefined: it is no longer as it was read. A write whose answer got lost is
   * recognised as our own.
   *
   * @throws ServiceFailure
   */
  async write(
    operation: string,
    entity: Row & { readonly partitionKey: string; readonly rowKey: string },
    earlier: { readonly etag: string } | undefined,
  ): Promise<string | undefined> {
    const writtenBy = crypto.randomUUID();
    const signed = { ...entity, writtenBy };
    try {
      return await callTable(this.#table, this.#caller, operation, async (abortSignal) => {
        const written = earlier
          ? await this.#table.updateEntity(signed, 'Replace', { etag: earlier.etag, abortSignal })
          : await this.#table.createEntity(signed, { abortSignal });
        return written.etag ?? '';
      });
    } catch (error) {
      if (!isFailure(error, 'conditionNotMet', 'alreadyExists', 'notFound')) throw error;
    }
    const row = await this.read(operation, entity.partitionKey, entity.rowKey);
    return row?.writtenBy === writtenBy ? row.etag : undefined;
  }

  /** Unless it is no longer as it was read. @throws ServiceFailure */
  async remove(operation: string, partitionKey: string, rowKey: string, etag: string): Promise<void> {
    try {
      await callTable(this.#table, this.#caller, operation, (abortSignal) =>
        this.#table.deleteEntity(partitionKey, rowKey, { etag, abortSignal }),
      );
    } catch (error) {
      if (!isFailure(error, 'conditionNotMet', 'notFound')) throw error;
    }
  }
}
