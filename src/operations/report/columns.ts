import type { AccessRow } from './access-rows.ts';

export interface Column {
  /** As CSV and JSON call it. */
  readonly name: keyof AccessRow;
  /** Of which moment it is: the one asked for, as far as history proves it, or now. */
  readonly of: 'asOf' | 'now';
}

/** What the report tells of each token, in this order. */
export const columns: readonly Column[] = [
  { name: 'registry', of: 'asOf' },
  { name: 'token', of: 'asOf' },
  { name: 'status', of: 'asOf' },
  { name: 'created', of: 'asOf' },
  { name: 'createdNoLaterThan', of: 'asOf' },
  { name: 'lastRotated', of: 'asOf' },
  { name: 'changedSince', of: 'now' },
  { name: 'entrance', of: 'now' },
  { name: 'owner', of: 'now' },
  { name: 'endOfLife', of: 'now' },
  { name: 'scopeMap', of: 'now' },
  { name: 'actions', of: 'now' },
  { name: 'purpose', of: 'now' },
];

/** The value of a column as text. Actions that could not be read are not the same as none. */
export function textOf(row: AccessRow, { name }: Column): string {
  const value = row[name];
  if (name === 'actions' && value === undefined) return 'not readable';
  return typeof value === 'object' ? value.join(' ') : (value ?? '');
}
