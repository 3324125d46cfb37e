import { styleText } from 'node:util';
import type { TokenRow } from './token-row.ts';

/** What the prober found for one token. */
export interface LoginCount {
  readonly accepted: number;
  readonly failed: number;
}

interface Column {
  readonly title: string;
  text(row: TokenRow, count: LoginCount | undefined): string;
}

const nothing = '-';

const columns: readonly Column[] = [
  { title: 'token', text: ({ token }) => token },
  { title: 'status', text: ({ status }) => status },
  { title: 'slot', text: ({ slot }) => slot ?? nothing },
  { title: 'expires', text: ({ expiresAt }) => day(expiresAt) },
  { title: 'next rotation', text: ({ nextRotation }) => day(nextRotation) },
  { title: 'logins', text: (_, count) => (count ? loginsText(count) : nothing) },
  { title: 'secret', text: ({ secretUri }) => secretName(secretUri) },
];

/** The tokens as a table for people, in lines of less than 100 characters: the secrets' common address stands below it. */
export function tokenTable(
  rows: readonly TokenRow[],
  counts: ReadonlyMap<string, LoginCount> = new Map(),
): string[] {
  const cells = rows.map((row) => columns.map(({ text }) => text(row, counts.get(row.token))));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd();
  const titles = columns.map(({ title }) => title);
  const address = rows.find(({ secretUri }) => secretUri)?.secretUri;
  return [
    styleText('bold', line(titles)),
    ...cells.map(line),
    ...(address
      ? [styleText('dim', `  secret URI: ${address.slice(0, lastSlash(address) + 1)} and the name above`)]
      : []),
  ];
}

/** The day of an instant, as in 2027-01-31. */
export function day(instant: string | undefined): string {
  return instant?.slice(0, 10) ?? nothing;
}

function loginsText({ accepted, failed }: LoginCount): string {
  return failed === 0 ? String(accepted) : `${accepted}, ${failed} FAILED`;
}

function secretName(uri: string | undefined): string {
  return uri === undefined ? nothing : uri.slice(lastSlash(uri) + 1);
}

function lastSlash(uri: string): number {
  return uri.lastIndexOf('/');
}
