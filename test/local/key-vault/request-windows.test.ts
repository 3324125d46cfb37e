import { afterEach, describe, expect, it } from 'vitest';
import { keyVaultConfigSchema } from '../../../infra/local/key-vault/key-vault-config.ts';
import { RequestWindows } from '../../../infra/local/key-vault/request-windows.ts';
import { httpsRequest } from '../identity/https-request.ts';
import { identities } from '../identity/local-cloud.ts';
import { all, failureOf, startVaultUnderTest, type VaultUnderTest } from './vault-under-test.ts';

const start = Date.UTC(2026, 0, 1);

/** How many of 5,000 requests are answered in the first window, and in each that follows. */
function answered(kind: 'creations' | 'others', instants: readonly number[]): number[] {
  let now = start;
  const clock = { now: () => new Date(now), schedule: () => () => {} };
  const windows = new RequestWindows(clock, keyVaultConfigSchema.parse({}).throttling);
  return instants.map((instant) => {
    now = start + instant;
    let count = 0;
    for (let i = 0; i < 5_000; i += 1) {
      try {
        windows.count(kind);
        count += 1;
      } catch {
        return count;
      }
    }
    return count;
  });
}

describe('the windows of 10 s', () => {
  it('let 300 creations through, and 4,000 other requests', () => {
    expect(answered('creations', [0, 9_999, 10_000, 19_999, 20_000])).toEqual([300, 0, 300, 0, 300]);
    expect(answered('others', [0, 9_999, 10_000])).toEqual([4_000, 0, 4_000]);
  });
});

describe('a vault that is asked too often', () => {
  let vault: VaultUnderTest;
  afterEach(() => vault.close());

  it('refuses more creations without saying when to come back, answers others, and takes creations 10 s later', async () => {
    vault = await startVaultUnderTest({ throttling: { creations: 3 } });
    const client = vault.client(identities.operator, { retryOptions: { maxRetries: 3 } });
    for (const name of ['a', 'b', 'c']) await client.setSecret(name, 'x');
    expect(await failureOf(client.setSecret('d', 'x'))).toMatchObject({ statusCode: 429, code: 'Throttled' });
    expect(await all(client.listPropertiesOfSecrets())).toHaveLength(3);
    await vault.cloud.clock.advance(10_000);
    await client.setSecret('d', 'x');
  });

  it('refuses other requests alike, and says when to come back if it is configured to', async () => {
    vault = await startVaultUnderTest({ throttling: { others: 2, retryAfter: true } });
    const { accessToken } = await vault.cloud.accessTokens.mint(
      identities.operator,
      'https://vault.azure.net',
    );
    const answers = [];
    for (let i = 0; i < 3; i += 1)
      answers.push(
        await httpsRequest(`${vault.url}/secrets?api-version=7.6`, {
          ca: vault.cloud.certificates.authority,
          headers: { authorization: `Bearer ${accessToken}` },
        }),
      );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(answers[2]?.headers['retry-after'])).toBeLessThanOrEqual(10);
    await vault.vaults.reset();
    await all(vault.client(identities.operator).listPropertiesOfSecrets());
  });
});
