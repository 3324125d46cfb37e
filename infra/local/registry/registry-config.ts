import { z } from 'zod';
import { registrySettingsSchema } from './registry-settings.ts';

export const tiers = ['Basic', 'Standard', 'Premium'] as const;

const registrySchema = z.strictObject({
  /** 5 to 50 letters and digits. */
  name: z.string().regex(/^[a-zA-Z0-9]{5,50}$/, { error: 'must be 5 to 50 letters and digits' }),
  /** The one of the whole configuration, unless it is said here. */
  resourceGroup: z.string().min(1).max(90).optional(),
  sku: z.enum(tiers).default('Premium'),
  /** Nodes behind the login server; each learns of a regenerated password in its own time. */
  nodes: z.int().min(1).max(50).default(3),
  adminUserEnabled: z.boolean().default(false),
  anonymousPullEnabled: z.boolean().default(false),
  /** URL of the OCI registry that holds the images, such as Debian's docker-registry. Without it there are none. */
  upstream: z.url({ protocol: /^https?$/ }).optional(),
  /** Port of the login server; 0 takes any free one. */
  loginServerPort: z.int().min(0).max(65_535).default(0),
});

export const registryConfigSchema = z.strictObject({
  subscriptionId: z.guid().default('00000000-0000-4000-8000-000000000001'),
  resourceGroup: z.string().min(1).max(90).default('keyturn'),
  location: z
    .string()
    .regex(/^[a-z0-9]+$/, { error: 'must be a region such as westeurope' })
    .default('westeurope'),
  registries: z
    .array(registrySchema)
    .min(1)
    .refine(haveDifferentNames, { error: 'must have different names' })
    .default([registrySchema.parse({ name: 'contoso' })]),
  /** Decides which node serves a connection and when it learns of a password; the same seed gives the same run. */
  seed: z.string().default('keyturn'),
  /** Settings that differ from the defaults at the start. */
  settings: registrySettingsSchema.partial().default({}),
});

export type RegistryConfig = z.output<typeof registryConfigSchema>;
export type OneRegistryConfig = z.output<typeof registrySchema>;

function haveDifferentNames(registries: readonly { name: string }[]): boolean {
  return new Set(registries.map(({ name }) => name.toLowerCase())).size === registries.length;
}
