import type { TableClient, TableEntityQueryOptions } from '@azure/data-tables';
import type { Page, PageRequest } from '../ports/token-records.ts';
import type { Caller } from './call.ts';
import type { Row } from './record-rows.ts';
import { callTable } from './record-tables.ts';

/** Rows; the service gives no more at once. */
const largestPage = 1_000;

/** One page of the rows that a filter finds; the service may answer with fewer, even none, and go on after that. */
export function readPage(
  table: TableClient,
  caller: Caller,
  operation: string,
  query: string | TableEntityQueryOptions,
  { pageSize, continuation }: PageRequest,
): Promise<Page<Row>> {
  const queryOptions = typeof query === 'string' ? { filter: query } : query;
  return callTable(table, caller, operation, async (abortSignal) => {
    const pages = table
      .listEntities({ queryOptions, abortSignal })
      .byPage({ maxPageSize: pageSize, ...(continuation ? { continuationToken: continuation } : {}) });
    const { value } = await pages.next();
    const next = value?.continuationToken;
    return { items: value ?? [], ...(next ? { continuation: next } : {}) };
  });
}

/** All rows that a query finds, page by page as they are read. */
export async function* listRows(
  table: TableClient,
  caller: Caller,
  operation: string,
  query: string | TableEntityQueryOptions,
): AsyncGenerator<Row> {
  let continuation: string | undefined;
  do {
    const page: Page<Row> = await readPage(table, caller, operation, query, {
      pageSize: largestPage,
      continuation,
    });
    yield* page.items;
    continuation = page.continuation;
  } while (continuation !== undefined);
}
