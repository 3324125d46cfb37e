import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startIdentity } from '../../../infra/local/identity/start-identity.ts';
import { startKeyVaults } from '../../../infra/local/key-vault/start-key-vaults.ts';
import type { RunningPart } from '../../../infra/local/part.ts';
import { failureOf, type StorageUnderTest, startStorageUnderTest } from '../storage/storage-under-test.ts';

let storage: StorageUnderTest;
let parts: RunningPart[];
let environment: Record<string, string>;

beforeAll(async () => {
  storage = await startStorageUnderTest();
  const { cloud } = storage;
  const { accessTokens, certificates } = cloud;
  const address = { host: '127.0.0.1', port: 0 };
  parts = await Promise.all([
    startIdentity({ address, context: cloud, accessTokens, config: { appIdentity: 'writer' } }),
    startKeyVaults({ address, context: cloud, certificates, accessTokens }),
  ]);
  environment = Object.assign({}, storage.storage.environment, ...parts.map((part) => part.environment));
});
afterAll(async () => {
  await Promise.all(parts.map((part) => part.close()));
  await storage.close();
});

/** Runs a program with the environment of the cloud, as an app runs on Azure. */
function run(script: string): Promise<{ code: number | null; output: string; errors: string }> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, script)], {
    env: { PATH, NODE_EXTRA_CA_CERTS: storage.cloud.certificates.authorityFile, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (text) => {
    output += String(text);
  });
  child.stderr.on('data', (text) => {
    errors += String(text);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, errors }));
  });
}

describe('an app with nothing but its environment', () => {
  it('reaches vault and tables as the managed identity that it has, and with no key at all', async () => {
    const { code, output, errors } = await run('store-one-secret.ts');
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/^[0-9a-f]{32}$/);
    const accepted = storage.cloud.history.list().filter(({ outcome }) => Number(outcome) < 300);
    expect(new Set(accepted.map(({ part, identity }) => `${part} ${identity}`))).toEqual(
      new Set(['identity writer', 'key-vault writer', 'storage writer']),
    );
    const names = Object.keys(environment).filter((name) => /KEY|SAS|CONNECTION/.test(name));
    expect(names.filter((name) => !name.startsWith('KEY_VAULT_URL'))).toEqual([]);
  });
});

describe('a token for one service', () => {
  it('is refused by the others', async () => {
    vi.stubEnv('IDENTITY_ENDPOINT', environment.IDENTITY_ENDPOINT);
    vi.stubEnv('IDENTITY_HEADER', environment.IDENTITY_HEADER);
    const credential = new ManagedIdentityCredential();
    const confused = (scope: string) => ({ getToken: () => credential.getToken(scope) });
    const tlsOptions = { ca: storage.cloud.certificates.authority };
    const vault = new SecretClient(
      environment.KEY_VAULT_URL ?? '',
      confused('https://storage.azure.com/.default'),
      {
        disableChallengeResourceVerification: true,
        tlsOptions,
      },
    );
    await expect(vault.setSecret('a', 'b')).rejects.toMatchObject({
      statusCode: 401,
      code: 'Unauthorized',
      message: expect.stringMatching(/^AKV10022: Invalid audience\./),
    });
    const table = new TableClient(
      storage.endpoint.table,
      'tokens',
      confused('https://vault.azure.net/.default'),
      {
        tlsOptions,
      },
    );
    expect(await failureOf(table.getEntity('a', 'b'))).toMatchObject({
      statusCode: 401,
      code: 'InvalidAuthenticationInfo',
    });
    vi.unstubAllEnvs();
  });
});
