import type { AccessRow } from './access-rows.ts';
import { columns, textOf } from './columns.ts';

/** With what a spreadsheet program takes a text for a formula. Source: OWASP, CSV injection. */
const beginsFormula = /^[=+\-@\t\r\n＝＋－＠]/;

/** Lines of comma-separated values with a heading, as RFC 4180 has them. */
export function formatCsv(rows: readonly AccessRow[]): string {
  const lines = [
    columns.map(({ name }) => name),
    ...rows.map((row) => columns.map((column) => textOf(row, column))),
  ];
  return lines.map((fields) => `${fields.map(field).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would calculate is shown with an apostrophe before it, which makes it a text there. */
export function field(text: string): string {
  const harmless = beginsFormula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) || harmless !== text ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
