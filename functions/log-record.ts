import type { InvocationContext } from '@azure/functions';
import { troubleOf } from '../src/ports/trouble.ts';

/** A log record as one line of JSON, which `parse_json` of Azure Monitor reads. It never holds a secret. */
export type LogRecord = { readonly record: string } & Readonly<Record<string, unknown>>;

export function logRecord(
  context: Pick<InvocationContext, 'info' | 'warn'>,
  level: 'info' | 'warn',
  record: LogRecord,
): void {
  context[level](JSON.stringify(record));
}

/** What became of one of several things that a timer looked after. */
type Looked = { readonly result: string | { readonly error: unknown } } & Readonly<Record<string, unknown>>;

/** Logs what became of it; of an error only what is fit for any log. */
export function logResult(
  context: Parameters<typeof logRecord>[0],
  record: string,
  { result, ...about }: Looked,
): void {
  if (typeof result === 'string') logRecord(context, 'info', { record, ...about, result });
  else logRecord(context, 'warn', { record, ...about, result: 'failed', ...troubleOf(result.error) });
}
