import { odata, type TableClient } from '@azure/data-tables';
import type { TokenFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import { believedSchema } from '../lifecycle/drift/believed.ts';
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
/** In milliseconds. How many tokens a registry has does not change much in this time. */
const managedCountLives = 300_000;

/** The inventory in a table of its own: a partition for each registry. Instants are text, which compares in order. */
export class InventoryTable implements Inventory {
  readonly #table: TableClient;
  readonly #caller: Caller;
  readonly #clock: Clock;
  readonly #counts: RememberedCounts;
  readonly #managed = new Map<string, { readonly count: Promise<number>; readonly at: number }>();

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
    this.#clock = clock;
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
    const entity = entityOf(row);
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

  async markPending(registry: string, token: string, since: Instant, requestedBy?: string): Promise<void> {
    const unknown: InventoryRow = { registry, token, status: 'none', plan: 0 };
    if (requestedBy !== undefined) {
      // Most requests are for tokens that nobody has heard of: so it is tried without a look.
      const row = { ...unknown, pendingSince: since, ...this.#requestOf(requestedBy, undefined) };
      if (await this.writeRow(row, undefined)) return;
    }
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = await this.readRow(registry, token);
      const waiting = found?.row.pendingSince;
      const earliest = waiting !== undefined && waiting < since ? waiting : since;
      const row = found?.row ?? unknown;
      const asked = requestedBy === undefined ? {} : this.#requestOf(requestedBy, found?.row);
      if (await this.writeRow({ ...row, pendingSince: earliest, ...asked }, found)) return;
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

  /** Who asks while somebody counts waits for the same count. */
  countManaged(registry: string): Promise<number> {
    const now = this.#clock.now().getTime();
    const known = this.#managed.get(registry);
    if (known && now - known.at < managedCountLives) return known.count;
    const count = this.#readManaged(registry);
    this.#managed.set(registry, { count, at: now });
    count.catch(() => this.#managed.delete(registry));
    return count;
  }

  async *listAll(registry: string): AsyncGenerator<InventoryRow> {
    const filter = odata`PartitionKey eq ${registry.toLowerCase()}`;
    for await (const entity of listRows(this.#table, this.#caller, 'listAll', filter)) yield rowOf(entity);
  }

  async listRows(filter: InventoryFilter, request: PageRequest): Promise<Page<InventoryRow>> {
    const query = { filter: filterText(filter), ...(filter.brief ? { select: briefColumns } : {}) };
    const page = await readPage(this.#table, this.#caller, 'listRows', query, request);
    return { ...page, items: page.items.map(rowOf) };
  }

  /** Exactly only where it matters: when all that there is and that is asked for does not fit. */
  async countTokens(
    entrance: string,
    limit: number,
    { registry, token }: Pick<InventoryRow, 'registry' | 'token'>,
  ): Promise<number> {
    const requested = odata`requestedBy eq ${entrance}`;
    const all = await this.#counts.count(entrance, limit, () => this.#readCount(entrance, requested, limit));
    if (all < limit) return all;
    const asked = (await this.readRow(registry, token))?.row.requestedAt ?? this.#clock.now().toISOString();
    const before = requestedBefore(asked, keysOf(registry, token));
    return this.#readCount(entrance, `${requested} and ${before}`, limit);
  }

  /** A request that is repeated while it waits keeps its turn. */
  #requestOf(requestedBy: string, found: InventoryRow | undefined) {
    const same = found?.requestedBy === requestedBy ? found.requestedAt : undefined;
    return { requestedBy, requestedAt: same ?? this.#clock.now().toISOString() };
  }

  async #readManaged(registry: string): Promise<number> {
    const filter = odata`PartitionKey eq ${registry.toLowerCase()} and status ne 'deleted' and status ne 'none'`;
    const query = { filter, select: ['RowKey'] };
    let count = 0;
    for await (const _ of listRows(this.#table, this.#caller, 'countManaged', query)) count += 1;
    return count;
  }

  async #readCount(entrance: string, requested: string, limit: number): Promise<number> {
    const there = odata`entrance eq ${entrance} and status ne 'deleted' and status ne 'none'`;
    const query = { filter: `(${there}) or (${requested})`, select: ['RowKey'] };
    let count = 0;
    for await (const _ of listRows(this.#table, this.#caller, 'countTokens', query)) {
      count += 1;
      if (count >= limit) break;
    }
    return count;
  }
}

/** Requests that were marked at the same moment take turns by their tokens' names. */
function requestedBefore(asked: Instant, { partitionKey, rowKey }: ReturnType<typeof keysOf>): string {
  const other = odata`(PartitionKey ne ${partitionKey} or RowKey ne ${rowKey})`;
  return `${other} and ${odata`(requestedAt lt ${asked} or (requestedAt eq ${asked} and RowKey lt ${rowKey}))`}`;
}

export function keysOf(registry: string, token: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: registry.toLowerCase(), rowKey: token.toLowerCase() };
}

/** What is no single value is written as JSON. Names of findings, so that rows with any can be told apart by a filter. */
function entityOf({ believed, findings, ...row }: InventoryRow) {
  return {
    ...keysOf(row.registry, row.token),
    ...row,
    ...(believed ? { believed: JSON.stringify(believed) } : {}),
    ...(findings ? { findings: findings.join(' ') } : {}),
  };
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
  'requestedBy',
  'requestedAt',
  'findingsDigest',
] as const;

const marks = ['failing', 'parked'] as const;

const briefColumns = ['registry', 'token', 'status', 'plan', 'generation', 'findings', ...texts, ...marks];

function rowOf(entity: Readonly<Record<string, unknown>>): InventoryRow {
  const { registry, token, status, plan, generation } = entity;
  const marked = marks.flatMap((name) => (entity[name] === true ? [[name, true]] : []));
  const present = texts.flatMap((name) => (typeof entity[name] === 'string' ? [[name, entity[name]]] : []));
  return {
    registry: String(registry),
    token: String(token),
    status: status as InventoryRow['status'],
    plan: Number(plan),
    ...(typeof generation === 'number' ? { generation } : {}),
    ...(Object.fromEntries([...present, ...marked]) as Partial<InventoryRow>),
    ...comparedOf(entity),
  };
}

/** A row of another release may say it otherwise; then it is as good as not said, until the row is written again. */
function comparedOf({ believed, findings }: Readonly<Record<string, unknown>>): Partial<InventoryRow> {
  const read = believedSchema.safeParse(typeof believed === 'string' ? JSON.parse(believed) : undefined);
  return {
    ...(read.success ? { believed: read.data } : {}),
    ...(typeof findings === 'string' ? { findings: findings.split(' ') as TokenFinding[] } : {}),
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
