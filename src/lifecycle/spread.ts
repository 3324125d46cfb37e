import { createHash } from 'node:crypto';

/**
 * A number from 0 up to 1 that follows from a name: the same at every evaluation, different between names, so that
 * tokens that were requested together do not all act at the same moment. Never a random draw: each evaluation would
 * contradict the last.
 */
export function spread(name: string): number {
  const hash = createHash('sha256').update(name.toLowerCase()).digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}
