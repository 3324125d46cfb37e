import type { Instant } from '../../contracts/instants.ts';
import type { AccessRow } from './access-rows.ts';
import { columns } from './columns.ts';

/** One JSON object, which says of each column of which moment it is. */
export function formatJson(rows: readonly AccessRow[], asOf: Instant | undefined, now: Instant): string {
  const named = (of: 'asOf' | 'now') => columns.filter((column) => column.of === of).map(({ name }) => name);
  const report = { asOf: asOf ?? now, madeAt: now, columnsAsOf: named('asOf'), columnsAsOfNow: named('now') };
  return `${JSON.stringify({ ...report, tokens: rows }, undefined, 2)}\n`;
}
