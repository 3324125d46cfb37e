import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import type { Finding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Findings, FindingsFilter, OpenFinding } from '../ports/findings.ts';
import type { Page, PageRequest } from '../ports/token-records.ts';
import type { Caller } from './call.ts';
import { ConditionalRows } from './conditional-rows.ts';
import {
  type FindingState,
  findingEntity,
  findingPartition,
  findingsFilter,
  findingsOfToken,
  isTokenFinding,
  isWanted,
  openFindingOf,
} from './finding-rows.ts';
import type { Row } from './record-rows.ts';
import { callTable, recordsCaller } from './record-tables.ts';
import { listRows, readPage } from './table-pages.ts';

/** All findings in a table of their own: a partition for each registry, in the order of tokens' names. */
export class FindingsTable implements Findings {
  readonly #table: TableClient;
  readonly #caller: Caller;
  readonly #rows: ConditionalRows;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#caller = recordsCaller(clock);
    this.#rows = new ConditionalRows(table, this.#caller);
  }

  async replaceOfToken(
    { registry, token }: Pick<TokenIdentity, 'registry' | 'token'>,
    open: readonly OpenFinding[],
  ): Promise<void> {
    const kept: Row[] = [];
    const filter = findingsOfToken(registry, token);
    for await (const row of listRows(this.#table, this.#caller, 'replaceOfToken', filter))
      if (isTokenFinding(String(row.finding))) kept.push(row);
    const actions = replacing(kept, open, this.#caller.clock.now().toISOString());
    if (actions.length === 0) return;
    await callTable(this.#table, this.#caller, 'replaceOfToken', (abortSignal) =>
      this.#table.submitTransaction(actions, { abortSignal }),
    );
  }

  async listFindings(filter: FindingsFilter, request: PageRequest): Promise<Page<OpenFinding>> {
    const query = findingsFilter(filter);
    const page = await readPage(this.#table, this.#caller, 'listFindings', query, request);
    const found = page.items.map(openFindingOf);
    return { ...page, items: found.filter((open) => isWanted(open, filter)) };
  }

  async countSince(registry: string, finding: Finding, since: Instant, limit: number): Promise<number> {
    const inRegistry = odata`PartitionKey eq ${findingPartition(registry)}`;
    const wanted = odata`finding eq ${finding} and since ge ${since} and ofManagedToken eq true`;
    const query = { filter: `${inRegistry} and ${wanted}`, select: ['RowKey'] };
    let count = 0;
    for await (const _ of listRows(this.#table, this.#caller, 'countSince', query)) {
      count += 1;
      if (count >= limit) break;
    }
    return count;
  }

  async forgetGone(registry: string, before: Instant): Promise<void> {
    const inRegistry = odata`PartitionKey eq ${findingPartition(registry)}`;
    const gone = odata`state eq ${'gone' satisfies FindingState} and goneAt lt ${before}`;
    const filter = `${inRegistry} and ${gone} and ofManagedToken eq true`;
    for await (const row of listRows(this.#table, this.#caller, 'forgetGone', filter))
      await this.#rows.remove('forgetGone', String(row.partitionKey), String(row.rowKey), String(row.etag));
  }
}

/** Writes what is open, where it says something new, and marks all else of the token as gone. */
function replacing(kept: readonly Row[], open: readonly OpenFinding[], goneAt: Instant): TransactionAction[] {
  const now = new Map(open.map((each) => [String(each.drift.finding), each]));
  const before = new Map(kept.map((row) => [String(row.finding), row]));
  const written = open.flatMap((each): TransactionAction[] => {
    const entity = findingEntity(each, 'open');
    const row = before.get(each.drift.finding);
    return row && isSame(row, entity) ? [] : [['upsert', entity, 'Replace']];
  });
  const gone = kept.flatMap((row): TransactionAction[] => {
    if (now.has(String(row.finding)) || row.state !== ('open' satisfies FindingState)) return [];
    const { partitionKey, rowKey } = row as { partitionKey: string; rowKey: string };
    const state: FindingState = 'gone';
    return [['update', { partitionKey, rowKey, state, goneAt }, 'Merge']];
  });
  return [...written, ...gone];
}

function isSame(row: Row, entity: Row): boolean {
  return Object.entries(entity).every(([name, value]) => row[name] === value);
}
