import type { TokenIdentity } from '../../../src/lifecycle/state.ts';
import type { Inventory, InventoryFilter, InventoryRow, StoredRow } from '../../../src/ports/inventory.ts';
import type { IndexedRequest, RequestIndex } from '../../../src/ports/request-index.ts';
import type { Page, PageRequest } from '../../../src/ports/token-records.ts';

/** The inventory in memory. */
export class MemoryInventory implements Inventory {
  readonly rows = new Map<string, StoredRow>();
  #etags = 0;
  #marks = 0;

  async readRow(registry: string, token: string): Promise<StoredRow | undefined> {
    return this.rows.get(keyOf(registry, token));
  }

  async writeRow(row: InventoryRow, earlier: StoredRow | undefined): Promise<boolean> {
    const key = keyOf(row.registry, row.token);
    if (this.rows.get(key)?.etag !== earlier?.etag) return false;
    if (earlier && earlier.row.plan > row.plan) return false;
    this.#etags += 1;
    this.rows.set(key, { row, etag: `row-${this.#etags}` });
    return true;
  }

  async markPending(registry: string, token: string, since: string, requestedBy?: string): Promise<void> {
    const found = await this.readRow(registry, token);
    const row: InventoryRow = found?.row ?? { registry, token, status: 'none', plan: 0 };
    const waiting = row.pendingSince;
    const pendingSince = waiting !== undefined && waiting < since ? waiting : since;
    this.#marks += 1;
    const requestedAt = row.requestedAt ?? new Date(this.#marks).toISOString();
    const asked = requestedBy === undefined ? {} : { requestedBy, requestedAt };
    await this.writeRow({ ...row, pendingSince, ...asked }, found);
  }

  async *listLate(): AsyncGenerator<InventoryRow> {
    yield* [...this.rows.values()].map(({ row }) => row);
  }

  async countManaged(registry: string): Promise<number> {
    const all = [...this.rows.values()].map(({ row }) => row);
    return all.filter((row) => row.registry === registry && row.status !== 'deleted').length;
  }

  async *listAll(registry: string): AsyncGenerator<InventoryRow> {
    const all = [...this.rows.values()].map(({ row }) => row);
    yield* all
      .filter((row) => row.registry === registry)
      .sort((one, other) => (one.token.toLowerCase() < other.token.toLowerCase() ? -1 : 1));
  }

  async listRows(
    filter: InventoryFilter,
    { pageSize, continuation }: PageRequest,
  ): Promise<Page<InventoryRow>> {
    const found = [...this.rows]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { row }]) => row)
      .filter((row) => isWanted(row, filter));
    const end = Number(continuation ?? 0) + pageSize;
    return {
      items: found.slice(end - pageSize, end),
      ...(found.length > end ? { continuation: String(end) } : {}),
    };
  }

  async countTokens(
    entrance: string,
    limit: number,
    { registry, token }: Pick<InventoryRow, 'registry' | 'token'>,
  ): Promise<number> {
    const own = keyOf(registry, token);
    const asked = this.rows.get(own)?.row.requestedAt ?? '9999';
    const counted = [...this.rows].filter(
      ([key, { row }]) =>
        (row.entrance === entrance && row.status !== 'deleted') ||
        (row.requestedBy === entrance && key !== own && (row.requestedAt ?? '') < asked),
    );
    return Math.min(counted.length, limit);
  }
}

/** Where requests went, in memory. */
export class MemoryRequests implements RequestIndex {
  readonly requests = new Map<string, IndexedRequest>();

  async addRequest(request: IndexedRequest): Promise<void> {
    this.requests.set(`${request.entrance} ${request.key}`, request);
  }

  async findRequest(entrance: string, key: string): Promise<TokenIdentity | undefined> {
    return this.requests.get(`${entrance} ${key}`)?.token;
  }

  async countRequests(entrance: string, from: string, to: string, limit: number): Promise<number> {
    const counted = [...this.requests.values()].filter(
      (each) => each.entrance === entrance && each.enqueuedAt > from && each.enqueuedAt <= to,
    );
    return Math.min(counted.length, limit);
  }
}

function isWanted(row: InventoryRow, wanted: InventoryFilter): boolean {
  const {
    registry,
    entrance = row.entrance,
    entrances,
    after = '',
    status = row.status,
    expiresBefore,
  } = wanted;
  return (
    row.registry.toLowerCase() === registry.toLowerCase() &&
    row.entrance === entrance &&
    row.status === status &&
    row.token.toLowerCase() > after.toLowerCase() &&
    (entrances === undefined || (row.entrance !== undefined && entrances.includes(row.entrance))) &&
    (expiresBefore === undefined || (row.expiresAt !== undefined && row.expiresAt < expiresBefore))
  );
}

function keyOf(registry: string, token: string): string {
  return `${registry}/${token}`.toLowerCase();
}
