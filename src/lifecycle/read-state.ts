import { z } from 'zod';
import { type TokenState, tokenStateSchema } from './state.ts';

/** The format that this release writes. */
export const stateFormat = 1;

/** From each earlier format to the next one. A release adds a line when it changes what is kept; none is ever removed. */
const upgrades: ReadonlyMap<number, (earlier: object) => object> = new Map();

const anyFormat = z.looseObject({ format: z.int().min(1) });

/**
 * Reads a token's state as it was stored, by this release or an earlier one.
 *
 * @throws Error if it was written by a later release, or is damaged; what it says of the token stays out of the message.
 */
export function readState(stored: unknown): TokenState {
  const read = anyFormat.safeParse(stored);
  if (!read.success) throw new Error('The stored state of the token is no record of Keyturn.');
  const { format } = read.data;
  if (format > stateFormat) {
    throw new Error(
      `The stored state of the token has format ${format}; this release reads up to ${stateFormat}.`,
    );
  }
  let current: object = read.data;
  for (let from = format; from < stateFormat; from += 1) current = upgrades.get(from)?.(current) ?? current;
  const state = tokenStateSchema.safeParse(current);
  if (state.success) return state.data;
  const paths = state.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new Error(`The stored state of the token is damaged at: ${paths}.`);
}
