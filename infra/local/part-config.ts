import type { z } from 'zod';
import { UsageError } from './part.ts';

/**
 * Checks a part's configuration and fills in its defaults.
 * @throws UsageError of one line that names the part, and the path and rule of the first thing that is wrong.
 */
export function readPartConfig<Schema extends z.ZodType>(
  part: string,
  schema: Schema,
  config: unknown,
): z.output<Schema> {
  const { success, data, error } = schema.safeParse(config);
  if (success) return data;
  const issue = error.issues[0];
  const path = issue?.path.map(String).join('.') || 'configuration';
  throw new UsageError(`${part}: ${path}: ${issue?.message ?? 'is not valid'}`.replaceAll('\n', ' '));
}
