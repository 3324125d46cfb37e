import type { TableClient } from '@azure/data-tables';
import type { Page, PageRequest } from '../ports/token-records.ts';
import type { Caller } from './call.ts';
import type { Row } from './record-rows.ts';
import { callTable } from './record-tables.ts';

/** One page of the rows that a filter finds; the service may answer with fewer, even none, and go on after that. */
export function readPage(
  table: TableClient,
  caller: Caller,
  operation: string,
  filter: string,
  { pageSize, continuation }: PageRequest,
): Promise<Page<Row>> {
  return callTable(table, caller, operation, async (abortSignal) => {
    const pages = table
      .listEntities({ queryOptions: { filter }, abortSignal })
      .byPage({ maxPageSize: pageSize, ...(continuation ? { continuationToken: continuation } : {}) });
    const { value } = await pages.next();
    const next = value?.continuationToken;
    return { items: value ?? [], ...(next ? { continuation: next } : {}) };
  });
}
