import { z } from 'zod';
import { commandSchema } from './commands.ts';
import { eventSchema } from './events.ts';

/**
 * JSON Schema (2020-12) of every command and event, by its type without `keyturn.`, as others may check them before
 * they send or after they receive. What JSON Schema cannot say (such as an overlap below `rotateEvery`) is left to
 * Keyturn.
 */
export function publishedSchemas(): Map<string, unknown> {
  const commands = commandSchema.options.map((schema) => [schema, 'input'] as const);
  const events = eventSchema.options.map((schema) => [schema, 'output'] as const);
  return new Map(
    [...commands, ...events].map(([schema, io]) => {
      const type = schema.shape.type.value;
      return [type.replace(/^keyturn\./, ''), { title: type, ...z.toJSONSchema(schema, { io }) }];
    }),
  );
}
