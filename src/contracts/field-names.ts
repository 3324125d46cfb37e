import { z } from 'zod';

/** The names of all fields that a schema knows, at any depth. */
export function fieldNames(schema: z.ZodType): Set<string> {
  const names = new Set<string>();
  collectNames(z.toJSONSchema(schema, { io: 'input' }), names);
  return names;
}

function collectNames(node: unknown, names: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  if ('properties' in node && typeof node.properties === 'object' && node.properties !== null)
    for (const name of Object.keys(node.properties)) names.add(name);
  for (const child of Object.values(node)) collectNames(child, names);
}
