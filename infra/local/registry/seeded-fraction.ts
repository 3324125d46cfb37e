import { createHash } from 'node:crypto';

/** A number from 0 up to but not including 1 that looks random and is always the same for the same texts. */
export function seededFraction(...texts: readonly (string | number)[]): number {
  return createHash('sha256').update(texts.join('\n')).digest().readUIntBE(0, 6) / 2 ** 48;
}
