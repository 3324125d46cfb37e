import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { Problem } from './problems.ts';
import { parameterError } from './read-query.ts';

/**
 * The place in a list where the next page begins, as text for the caller, who has no need to read it. It holds nothing
 * that the caller has not seen, and no rights: what may be seen is decided anew for each page. `query` is what was asked
 * for, without the page; to another query the text means nothing.
 */
export function writeContinuation(place: object, query: object): string {
  return Buffer.from(JSON.stringify({ ...place, query: fingerprint(query) })).toString('base64url');
}

/** @throws Problem `invalidQuery` when it is not one of ours, or belongs to another query */
export function readContinuation<Place>(text: string, query: object, schema: z.ZodType<Place>): Place {
  const decoded = decode(text);
  const parsed = schema.safeParse(decoded);
  const belongs = isRecord(decoded) && decoded.query === fingerprint(query);
  if (!parsed.success || !belongs)
    throw new Problem('invalidQuery', [parameterError('continuation', 'invalidContinuation')]);
  return parsed.data;
}

function fingerprint(query: object): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
