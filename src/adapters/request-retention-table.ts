import { odata, type TableClient } from '@azure/data-tables';
import type { Instant } from '../contracts/instants.ts';
import type { Clock } from '../ports/clock.ts';
import type { AgedRequest, RequestRetention } from '../ports/retention.ts';
import type { Caller } from './call.ts';
import { callTable, orUndefined, recordsCaller } from './record-tables.ts';
import { partitionOfHour, partitionOfKey } from './request-index-table.ts';
import { listRows } from './table-pages.ts';

/** Comes before all hours, and after the keys, whose partitions have two characters. */
const firstHour = '2000-01-01T00';

/** Clears away the two rows that the index keeps of each request. */
export class RequestRetentionTable implements RequestRetention {
  readonly #table: TableClient;
  readonly #caller: Caller;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
  }

  async *listAged(entrance: string, before: Instant): AsyncGenerator<AgedRequest> {
    const [from, to] = [partitionOfHour(entrance, firstHour), partitionOfHour(entrance, before)];
    const filter = odata`PartitionKey ge ${from} and PartitionKey lt ${to}`;
    for await (const { rowKey, enqueuedAt } of listRows(this.#table, this.#caller, 'listAged', filter))
      yield { entrance, key: String(rowKey), enqueuedAt: String(enqueuedAt) };
  }

  /** What it is found by for clearing away goes last, so that a removal that was cut off is found again. */
  async removeRequest({ entrance, key, enqueuedAt }: AgedRequest): Promise<void> {
    for (const partition of [partitionOfKey(entrance, key), partitionOfHour(entrance, enqueuedAt)])
      await callTable(this.#table, this.#caller, 'removeRequest', (abortSignal) =>
        orUndefined(this.#table.deleteEntity(partition, key, { abortSignal })),
      );
  }
}
