import type { z } from 'zod';
import type { Certificates } from '../certificates.ts';
import { serve } from '../http/serve.ts';
import { urlHost } from '../http/url-host.ts';
import type { AccessTokens } from '../identity/access-tokens.ts';
import type { ListenAddress, PartContext, RunningPart } from '../part.ts';
import { readPartConfig } from '../part-config.ts';
import { createKeyVaultApp } from './key-vault-app.ts';
import { keyVaultConfigSchema } from './key-vault-config.ts';
import { keyVaultErrorAnswer } from './key-vault-error.ts';
import type { StoredValue } from './secret-store.ts';
import { createVault } from './vault.ts';

export interface KeyVaultsOptions {
  /** Where the first vault listens; vaults without a port of their own follow it. */
  readonly address: ListenAddress;
  readonly context: PartContext;
  readonly certificates: Certificates;
  readonly accessTokens: AccessTokens;
  readonly config?: z.input<typeof keyVaultConfigSchema>;
}

export interface RunningKeyVaults extends RunningPart {
  /** Every value that was ever stored since the start or the last reset, also those deleted, purged or replaced. */
  storedValues(): (StoredValue & { readonly vault: string })[];
}

/**
 * Starts one HTTPS server for each vault.
 * @throws UsageError when the configuration is wrong or a port is taken.
 */
export async function startKeyVaults(options: KeyVaultsOptions): Promise<RunningKeyVaults> {
  const { address, context, certificates, accessTokens } = options;
  const config = readPartConfig('key-vault', keyVaultConfigSchema, options.config ?? {});
  const started: { vault: ReturnType<typeof createVault>; close: () => Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(started.map((each) => each.close()));
  };
  try {
    for (const [index, vaultConfig] of config.vaults.entries()) {
      const vault = createVault(vaultConfig, config, context.clock);
      const port = vaultConfig.port ?? (address.port === 0 ? 0 : address.port + index);
      const server = await serve({
        part: 'key-vault',
        app: createKeyVaultApp(vault, accessTokens),
        address: { host: address.host, port },
        tls: certificates,
        errorAnswer: keyVaultErrorAnswer,
        context,
      });
      vault.url = `https://${urlHost(address.host)}:${server.port}`;
      started.push({ vault, close: server.close });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const vaults = started.map(({ vault }) => vault);
  return {
    endpoints: Object.fromEntries(vaults.map(({ name, url }) => [`key vault ${name}`, url])),
    environment: environment(vaults),
    storedValues: () =>
      vaults.flatMap(({ name, store }) => store.storedValues.map((stored) => ({ vault: name, ...stored }))),
    reset: () => {
      for (const { store, windows } of vaults) {
        store.clear();
        windows.reset();
      }
    },
    close,
  };
}

function environment(vaults: readonly { name: string; url: string }[]): Record<string, string> {
  const named = vaults.map(({ name, url }) => [
    `KEY_VAULT_URL_${name.toUpperCase().replaceAll('-', '_')}`,
    url,
  ]);
  return { KEY_VAULT_URL: vaults[0]?.url ?? '', ...Object.fromEntries(named) };
}
