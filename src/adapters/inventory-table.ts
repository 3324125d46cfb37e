import { odata, type TableClient } from '@azure/data-tables';
import type { Instant } from '../contracts/instants.ts';
import type { Clock } from '../ports/clock.ts';
import type { Inventory, InventoryFilter, InventoryRow, StoredRow } from '../ports/inventory.ts';
import { isFailure, ServiceFailure } from '../ports/service-failure.ts';
import type { Page, PageRequest } from '../ports/token-records.ts';
import type { Caller } from './call.ts';
import { callTable, orUndefined, recordsCaller } from './record-tables.ts';
import { RememberedCounts } from './remembered-counts.ts';
import { listRows, readPage } from './table-pages.ts';

/** So often a row may change under our hands before we give up. */
const mostTries = 5;

/** The inventory in a table of its own: a partition for each registry. Instants are text, which compares in order. */
export class InventoryTable implements Inventory {
  readonly #table: TableClient;
  readonly #caller: Caller;
  readonly #counts: RememberedCounts;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
    this.#counts = new RememberedCounts(clock);
  }

  async readRow(registry: string, token: string): Promise<StoredRow | undefined> {
    const { partitionKey, rowKey } = keysOf(registry, token);
    const entity = await callTable(this.#table, this.#caller, 'readRow', (abortSignal) =>
      orUndefined(this.#table.getEntity<Record<string, unknown>>(partitionKey, rowKey, { abortSignal })),
    );
    return entity && { row: rowOf(entity), etag: entity.etag };
  }

  async writeRow(row: InventoryRow, earlier: StoredRow | undefined): Promise<boolean> {
    if (earlier && earlier.row.plan > row.plan) return false;
    const entity = { ...keysOf(row.registry, row.token), ...row };
    try {
      await callTable(this.#table, this.#caller, 'writeRow', (abortSignal) =>
        earlier
          ? this.#table.updateEntity(entity, 'Replace', { etag: earlier.etag, abortSignal })
          : this.#table.createEntity(entity, { abortSignal }),
      );
      return true;
    } catch (error) {
      if (isFailure(error, 'conditionNotMet', 'alreadyExists', 'notFound')) return false;
      throw error;
    }
  }

  async markPending(registry: string, token: string, since: Instant): Promise<void> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = await this.readRow(registry, token);
      const waiting = found?.row.pendingSince;
      const earliest = waiting !== undefined && waiting < since ? waiting : since;
      const row: InventoryRow = found?.row ?? { registry, token, status: 'none', plan: 0 };
      if (await this.writeRow({ ...row, pendingSince: earliest }, found)) return;
    }
    throw new ServiceFailure({ service: 'records', operation: 'markPending', code: 'conflict' });
  }

  async *listLate(
    registry: string,
    before: { readonly lookAt: Instant; readonly pendingSince: Instant },
  ): AsyncGenerator<InventoryRow> {
    const filter = odata`PartitionKey eq ${registry.toLowerCase()} and (lookAt lt ${before.lookAt} or pendingSince lt ${before.pendingSince})`;
    for await (const entity of listRows(this.#table, this.#caller, 'listLate', filter)) yield rowOf(entity);
  }

  async listRows(filter: InventoryFilter, request: PageRequest): Promise<Page<InventoryRow>> {
    const page = await readPage(this.#table, this.#caller, 'listRows', filterText(filter), request);
    return { ...page, items: page.items.map(rowOf) };
  }

  countTokens(entrance: string, limit: number): Promise<number> {
    return this.#counts.count(entrance, limit, () => this.#readCount(entrance, limit));
  }

  async #readCount(entrance: string, limit: number): Promise<number> {
    const filter = odata`entrance eq ${entrance} and status ne 'deleted' and status ne 'none'`;
    const query = { filter, select: ['RowKey'] };
    let count = 0;
    for await (const _ of listRows(this.#table, this.#caller, 'countTokens', query)) {
      count += 1;
      if (count >= limit) break;
    }
    return count;
  }
}

function keysOf(registry: string, token: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: registry.toLowerCase(), rowKey: token.toLowerCase() };
}

const texts = [
  'entrance',
  'owner',
  'slot',
  'expiresAt',
  'nextRotation',
  'secretUri',
  'lookAt',
  'pendingSince',
] as const;

function rowOf(entity: Readonly<Record<string, unknown>>): InventoryRow {
  const { registry, token, status, plan, generation } = entity;
  const present = texts.flatMap((name) => (typeof entity[name] === 'string' ? [[name, entity[name]]] : []));
  return {
    registry: String(registry),
    token: String(token),
    status: status as InventoryRow['status'],
    plan: Number(plan),
    ...(typeof generation === 'number' ? { generation } : {}),
    ...(Object.fromEntries(present) as Partial<InventoryRow>),
  };
}

/** So many of the at most 15 comparisons in a filter of Azure Table storage may be of entrances. */
const mostEntrances = 10;

function filterText(wanted: InventoryFilter): string {
  const { registry, entrance, entrances, after, status, expiresBefore } = wanted;
  return [
    odata`PartitionKey eq ${registry.toLowerCase()}`,
    ...(after === undefined ? [] : [odata`RowKey gt ${after.toLowerCase()}`]),
    ...(entrance === undefined ? [] : [odata`entrance eq ${entrance}`]),
    ...(entrances === undefined || entrances.length > mostEntrances ? [] : [anyOf(entrances)]),
    ...(status === undefined ? [] : [odata`status eq ${status}`]),
    ...(expiresBefore === undefined ? [] : [odata`expiresAt lt ${expiresBefore}`]),
  ].join(' and ');
}

function anyOf(entrances: readonly string[]): string {
  return `(${entrances.map((entrance) => odata`entrance eq ${entrance}`).join(' or ')})`;
}
