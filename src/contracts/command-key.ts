import { createHash } from 'node:crypto';
import type { Command } from './commands.ts';

/** Identifies a command: by which entrance it came, who says to have sent it, and its id there. 64 hex digits. */
export function commandKey(entrance: string, { source, id }: Pick<Command, 'source' | 'id'>): string {
  return sha256(JSON.stringify([entrance, source, id]));
}

/**
 * Hash of what a command asks for. The same key with another digest is somebody else's command, or a mistake:
 * `duplicateIdDifferentContent`. Order of fields, white space and the form of the time make no difference.
 */
export function contentDigest({ type, subject, time, data }: Command): string {
  return sha256(canonicalJson({ type, subject, time, data }));
}

/** JSON with the fields of every object in alphabetical order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
