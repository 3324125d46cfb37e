import { z } from 'zod';
import { durationSchema, milliseconds } from '../contracts/durations.ts';
import { violation } from '../contracts/violations.ts';

/** A message may be put off for a week, and what was said of it has to be there for longer. */
const shortestHistory = 'P30D';
/** So long a vault keeps deleted secrets at most. Source: Key Vault soft delete, 7 to 90 days. */
const longestSoftDelete = 'P90D';

function atLeast(shortest: string) {
  return durationSchema.refine((text) => milliseconds(text) >= milliseconds(shortest), violation('tooShort'));
}

/** How long is kept what is only there to be looked up. */
export const retentionSchema = z.strictObject({
  /** What was done with tokens, and what became of commands. */
  history: atLeast(shortestHistory).default('P400D'),
  /** Names whose token was deleted. */
  deletedTokens: atLeast(longestSoftDelete).default('P400D'),
});
