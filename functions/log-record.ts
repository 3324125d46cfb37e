import type { InvocationContext } from '@azure/functions';

/** A log record as one line of JSON, which `parse_json` of Azure Monitor reads. It never holds a secret. */
export type LogRecord = { readonly record: string } & Readonly<Record<string, unknown>>;

export function logRecord(
  context: Pick<InvocationContext, 'info' | 'warn'>,
  level: 'info' | 'warn',
  record: LogRecord,
): void {
  context[level](JSON.stringify(record));
}
