import { z } from 'zod';

/** A token bucket: so many requests at once, and so many more each second. */
const requestLimit = z.strictObject({
  capacity: z.int().min(1),
  refillPerSecond: z.number().positive(),
});

/**
 * What can be changed while the registry runs. The defaults are what was recorded from Azure; where its documents allow
 * more than one answer, or nobody knows, the other answer is a setting.
 */
export const registrySettingsSchema = z.strictObject({
  /** Seconds in the `Retry-After` of long-running operations; Azure says 10. The JavaScript client takes 0 as "not said". */
  operationRetryAfterSeconds: z.int().min(0).max(3600),
  /** How many polls find an operation still running. One that nobody polls is done after 10 seconds. */
  pollsUntilDone: z.int().min(0),
  /** How PUT and PATCH of a token, and PATCH of a scope map, are answered: 201 with `Azure-AsyncOperation` (recorded), 201 without it, or 200 done. */
  writeAnswer: z.enum(['async-operation', 'body-only', 'done']),
  /** Whether `generateCredentials` is answered at once (recorded) or with 202 and `Location` (specified). */
  generateCredentialsAnswer: z.enum(['at-once', 'later']),
  /** So many of the next long-running operations fail and change nothing. */
  failedOperations: z.int().min(0),
  /** The code that a failed operation shows. */
  failedOperationCode: z.string().min(1),
  /** Body of the 202 answer to DELETE: both were recorded. */
  deleteBody: z.enum(['empty', 'null']),
  /** How DELETE of what does not exist is answered. */
  deleteOfMissing: z.enum(['not-found', 'no-content']),
  /** Whether a scope map may be deleted while tokens use it; they then may do nothing. */
  deleteOfUsedScopeMap: z.enum(['allowed', 'refused']),
  /** What a PUT without credentials does to the passwords of a token that exists. */
  putOnExistingToken: z.enum(['wipes-passwords', 'keeps-passwords']),
  /** What an expiry in the past does: it makes a dead password, or is refused. */
  pastExpiry: z.enum(['accepted', 'refused']),
  /** Whether an Azure Policy rewrites the status of each token that is written to `disabled`. */
  policyDisablesTokens: z.boolean(),
  /** Whether polling a deletion needs `Microsoft.ContainerRegistry/locations/operationResults/read`. */
  deletePollingNeedsPermission: z.boolean(),
  /** Whether poll URLs carry a signature, which makes them about 4 kB long. */
  signedPollUrls: z.boolean(),
  /** Resources in a page of a list. */
  listPageSize: z.int().min(1).max(1000),
  /** ARM's token buckets of one identity in one region. */
  readLimit: requestLimit,
  writeLimit: requestLimit,
  deleteLimit: requestLimit,
  /** How many times larger the buckets of the whole subscription are. */
  globalLimitFactor: z.number().min(1),
  /** Longest time, in seconds, that a node of the login server takes to learn of a regenerated password. */
  replicationSeconds: z.number().min(0).max(86_400),
  /** What the login server's token endpoint does when nothing of what is asked for is granted. */
  ungrantedScope: z.enum(['reduced-access', 'refused']),
  /** How long the login server's access tokens live, in minutes. */
  accessTokenMinutes: z.number().positive(),
});

export type RegistrySettings = z.output<typeof registrySettingsSchema>;

export const defaultRegistrySettings: RegistrySettings = {
  operationRetryAfterSeconds: 1,
  pollsUntilDone: 1,
  writeAnswer: 'async-operation',
  generateCredentialsAnswer: 'at-once',
  failedOperations: 0,
  failedOperationCode: 'InternalServerError',
  deleteBody: 'empty',
  deleteOfMissing: 'not-found',
  deleteOfUsedScopeMap: 'allowed',
  putOnExistingToken: 'wipes-passwords',
  pastExpiry: 'accepted',
  policyDisablesTokens: false,
  deletePollingNeedsPermission: true,
  signedPollUrls: true,
  listPageSize: 100,
  readLimit: { capacity: 250, refillPerSecond: 25 },
  writeLimit: { capacity: 200, refillPerSecond: 10 },
  deleteLimit: { capacity: 200, refillPerSecond: 10 },
  globalLimitFactor: 15,
  replicationSeconds: 60,
  ungrantedScope: 'reduced-access',
  accessTokenMinutes: 75,
};

/**
 * The settings with some of them changed.
 * @throws z.ZodError when a change does not fit; nothing is changed then.
 */
export function changeSettings(current: RegistrySettings, changes: unknown): RegistrySettings {
  return registrySettingsSchema.parse({ ...current, ...z.record(z.string(), z.unknown()).parse(changes) });
}
