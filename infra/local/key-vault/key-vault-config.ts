import { z } from 'zod';
import { durationInMilliseconds } from '../durations.ts';

const duration = z.string().refine(isDuration, { error: 'is not an ISO 8601 duration such as PT5S' });

const vaultSchema = z.strictObject({
  /** 3 to 24 letters, digits and hyphens, as Azure asks of a vault's name. */
  name: z
    .string()
    .regex(/^(?=.{3,24}$)[a-z](?:-?[a-z0-9])+$/i, { error: 'is not a name that Azure allows for a vault' }),
  /** Without it, the port that follows the one of the vault before, or any free one. */
  port: z.int().min(0).max(65535).optional(),
  /** Days that a deleted secret can be recovered. */
  retentionDays: z.int().min(7).max(90).default(90),
});

/** What the Key Vault part serves, and how it behaves. */
export const keyVaultConfigSchema = z.strictObject({
  vaults: z
    .array(vaultSchema)
    .min(1)
    .refine((vaults) => new Set(vaults.map(({ name }) => name.toLowerCase())).size === vaults.length, {
      error: 'has two vaults of the same name',
    })
    .default([{ name: 'keyturn', retentionDays: 90 }]),
  /** How long a deletion, recovery or purge takes to be seen everywhere, by the local cloud's clock. About 5 s on Azure. */
  settleAfter: duration.default('PT5S'),
  /**
   * Permission that reading one deleted secret needs. Its answer holds no value, so Azure is taken to ask for
   * `readMetadata`; that is not documented, and `getSecret` lets tests live with the other answer.
   */
  deletedSecretReadNeeds: z.enum(['readMetadata', 'getSecret']).default('readMetadata'),
  /** Requests that one vault answers in 10 s of the local cloud's clock (Azure's service limits). */
  throttling: z
    .strictObject({
      creations: z.int().min(0).default(300),
      others: z.int().min(0).default(4_000),
      /** Whether a 429 says when to come back. Azure's do not. */
      retryAfter: z.boolean().default(false),
    })
    .prefault({}),
  subscriptionId: z.guid().default('00000000-0000-4000-8000-000000000001'),
  resourceGroup: z.string().min(1).default('keyturn-local'),
  location: z.string().min(1).default('westeurope'),
});

export type KeyVaultConfig = z.output<typeof keyVaultConfigSchema>;
export type VaultConfig = KeyVaultConfig['vaults'][number];

function isDuration(text: string): boolean {
  try {
    return durationInMilliseconds(text) >= 0;
  } catch {
    return false;
  }
}
