import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import type { z } from 'zod';
import type { Identity } from '../../../infra/local/identity/identities.ts';
import type { keyVaultConfigSchema } from '../../../infra/local/key-vault/key-vault-config.ts';
import { type RunningKeyVaults, startKeyVaults } from '../../../infra/local/key-vault/start-key-vaults.ts';
import { type LocalCloud, openLocalCloud } from '../identity/local-cloud.ts';
import { rejectionOf } from '../rejection-of.ts';

/** Key Vault's codes in an error of the official client. */
export interface VaultFailure {
  readonly statusCode: number;
  readonly code: string;
  readonly innerCode: string | undefined;
  readonly message: string;
}

export interface VaultUnderTest {
  readonly cloud: LocalCloud;
  readonly vaults: RunningKeyVaults;
  readonly url: string;
  /** The official client as an identity; it polls without pause, and tries once unless told otherwise. */
  client(identity: Identity, options?: SecretClientOptions): SecretClient;
  close(): Promise<void>;
}

/** Starts one vault, `contoso`, whose changes settle at once unless configured otherwise. */
export async function startVaultUnderTest(
  config: z.input<typeof keyVaultConfigSchema> = {},
): Promise<VaultUnderTest> {
  const cloud = await openLocalCloud();
  const vaults = await startKeyVaults({
    address: { host: '127.0.0.1', port: 0 },
    context: cloud,
    certificates: cloud.certificates,
    accessTokens: cloud.accessTokens,
    config: { settleAfter: 'PT0S', vaults: [{ name: 'contoso' }], ...config },
  });
  const url = vaults.environment.KEY_VAULT_URL ?? '';
  return {
    cloud,
    vaults,
    url,
    client: (identity, options = {}) =>
      new SecretClient(url, cloud.credential(identity), {
        disableChallengeResourceVerification: true,
        tlsOptions: { ca: cloud.certificates.authority },
        retryOptions: { maxRetries: 0 },
        ...options,
      }),
    close: async () => {
      await vaults.close();
      await cloud.close();
    },
  };
}

/** What the official client says when a call fails; a call that succeeds is an error. */
export async function failureOf(call: Promise<unknown>): Promise<VaultFailure> {
  const error = await rejectionOf(call);
  const { statusCode, code, details } = error as {
    statusCode?: number;
    code?: string;
    details?: { error?: { innerError?: { code?: string } } };
  };
  if (statusCode === undefined) throw error;
  const innerCode = details?.error?.innerError?.code;
  return { statusCode, code: code ?? '', innerCode, message: error.message };
}

/** Everything that an asynchronous list of the client holds. */
export async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}
