import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { eventGridConfigSchema } from './event-grid/event-grid-config.ts';
import { identitySchema } from './identity/identities.ts';
import { keyVaultConfigSchema } from './key-vault/key-vault-config.ts';
import { UsageError } from './part.ts';
import { readPartConfig } from './part-config.ts';
import { registryConfigSchema } from './registry/registry-config.ts';

const port = z.int().min(0).max(65_535);

const portsSchema = z.strictObject({
  control: port,
  identity: port,
  resourceManager: port,
  serviceBus: port,
  serviceBusTls: port,
  blob: port,
  queue: port,
  table: port,
});

/** The whole local cloud in one file; see `cloud.config.json` beside this file for what is shipped. */
const cloudConfigSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    /** 0 takes any free port. */
    ports: portsSchema,
    identities: z.array(identitySchema).min(1),
    /** Name of the identity that the environment file gives the app; without it, the system-assigned one. */
    appIdentity: z.string().min(1).optional(),
    registry: registryConfigSchema.prefault({}),
    keyVault: keyVaultConfigSchema.prefault({}),
    eventGrid: eventGridConfigSchema.prefault({}),
    /** File in the official Service Bus emulator's `Config.json` format, relative to this one. */
    serviceBus: z.string().min(1),
  })
  .refine(
    ({ appIdentity, identities }) =>
      appIdentity === undefined || identities.some(({ name }) => name === appIdentity),
    { path: ['appIdentity'], error: 'There is no such identity' },
  );

export type CloudConfig = Omit<z.output<typeof cloudConfigSchema>, 'serviceBus'> & {
  /** What the Service Bus file holds, not yet checked. */
  readonly serviceBus: unknown;
};

/**
 * Reads a config file of the local cloud.
 * @throws UsageError of one line with the file, and the path and rule of the first mistake.
 */
export async function readCloudConfig(file: string): Promise<CloudConfig> {
  const config = readPartConfig(file, cloudConfigSchema, await readJson(file));
  return { ...config, serviceBus: await readJson(resolve(dirname(file), config.serviceBus)) };
}

/** Client id of the app's identity, unless that is the system-assigned one, which clients get without naming any. */
export function appClientId({ appIdentity, identities }: CloudConfig): string | undefined {
  const identity = identities.find(({ name }) => name === appIdentity);
  return identity?.resourceId === undefined ? undefined : identity.clientId;
}

/** The same cloud on free ports, so that several can run side by side. */
export function onFreePorts(config: CloudConfig): CloudConfig {
  const ports = portsSchema.parse(Object.fromEntries(Object.keys(config.ports).map((name) => [name, 0])));
  return {
    ...config,
    ports,
    registry: {
      ...config.registry,
      registries: config.registry.registries.map((registry) => ({ ...registry, loginServerPort: 0 })),
    },
    keyVault: { ...config.keyVault, vaults: config.keyVault.vaults.map((vault) => ({ ...vault, port: 0 })) },
  };
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`The config file ${file} cannot be read (${error.code ?? error.message})`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `The config file ${file} is not JSON: ${(error as Error).message.replaceAll('\n', ' ')}`,
    );
  }
}
