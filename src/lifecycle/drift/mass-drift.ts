import { minute } from '../instant-arithmetic.ts';

/** In milliseconds: so far back the tokens with one finding are counted. */
export const massDriftWithin = 15 * minute;

/** If more of a registry's tokens than this show one finding, nothing is done about any of them without a person. */
export function massDriftLimit(tokens: number): number {
  return Math.max(10, Math.floor(tokens / 50));
}
