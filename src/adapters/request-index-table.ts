import { odata, type TableClient } from '@azure/data-tables';
import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { IndexedRequest, RequestIndex } from '../ports/request-index.ts';
import type { Caller } from './call.ts';
import { callTable, orUndefined, recordsCaller } from './record-tables.ts';
import { RememberedCounts } from './remembered-counts.ts';
import { listRows } from './table-pages.ts';

/** So much of an instant's text says in which ten minutes it is. */
const tenMinutes = '2026-03-01T12:3'.length;

/**
 * Where each request went. Two rows for each: one found by its key, in a partition of few keys, and one in the
 * partition of its entrance and hour, so that counting reads two hours and not everything that ever came.
 */
export class RequestIndexTable implements RequestIndex {
  readonly #table: TableClient;
  readonly #caller: Caller;
  readonly #counts: RememberedCounts;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
    this.#counts = new RememberedCounts(clock);
  }

  async addRequest({ entrance, key, token, enqueuedAt }: IndexedRequest): Promise<void> {
    const found = { partitionKey: partitionOfKey(entrance, key), rowKey: key, ...token };
    const counted = { partitionKey: partitionOfHour(entrance, enqueuedAt), rowKey: key, enqueuedAt };
    await Promise.all(
      [found, counted].map((entity) =>
        callTable(this.#table, this.#caller, 'addRequest', (abortSignal) =>
          this.#table.upsertEntity(entity, 'Replace', { abortSignal }),
        ),
      ),
    );
  }

  async findRequest(entrance: string, key: string): Promise<TokenIdentity | undefined> {
    const partition = partitionOfKey(entrance, key);
    const row = await callTable(this.#table, this.#caller, 'findRequest', (abortSignal) =>
      orUndefined(
        this.#table.getEntity<{ registry: string; loginServer: string; token: string }>(partition, key, {
          abortSignal,
        }),
      ),
    );
    return row && { registry: row.registry, loginServer: row.loginServer, token: row.token };
  }

  countRequests(entrance: string, from: Instant, to: Instant, limit: number): Promise<number> {
    const aboutThen = `${entrance}~${to.slice(0, tenMinutes)}`;
    return this.#counts.count(aboutThen, limit, () => this.#readCount(entrance, from, to, limit));
  }

  async #readCount(entrance: string, from: Instant, to: Instant, limit: number): Promise<number> {
    let count = 0;
    for (const partition of hoursBetween(from, to).map((hour) => partitionOfHour(entrance, hour))) {
      const filter = odata`PartitionKey eq ${partition} and enqueuedAt gt ${from} and enqueuedAt le ${to}`;
      const query = { filter, select: ['RowKey'] };
      for await (const _ of listRows(this.#table, this.#caller, 'countRequests', query)) {
        count += 1;
        if (count >= limit) return count;
      }
    }
    return count;
  }
}

export function partitionOfKey(entrance: string, key: string): string {
  return `${entrance}~${key.slice(0, 2)}`;
}

export function partitionOfHour(entrance: string, instant: Instant): string {
  return `${entrance}~${instant.slice(0, 13)}`;
}

const hour = 3_600_000;

/** A moment in each hour that a span of time touches. */
function hoursBetween(from: Instant, to: Instant): Instant[] {
  const hours: Instant[] = [];
  const first = Math.floor(Date.parse(from) / hour) * hour;
  for (let start = first; start <= Date.parse(to); start += hour) hours.push(new Date(start).toISOString());
  return hours;
}
