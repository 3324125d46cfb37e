import { Agent } from 'node:https';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PartApp } from '../../../infra/local/http/serve.ts';
import { createKeyVaultApp } from '../../../infra/local/key-vault/key-vault-app.ts';
import { keyVaultConfigSchema } from '../../../infra/local/key-vault/key-vault-config.ts';
import { createVault } from '../../../infra/local/key-vault/vault.ts';
import { httpsRequest } from '../identity/https-request.ts';
import { identities } from '../identity/local-cloud.ts';
import { all, startVaultUnderTest, type VaultUnderTest } from './vault-under-test.ts';

const expected = [200, 204, 400, 404, 405, 409, 413, 501];
let vault: VaultUnderTest;
let app: PartApp;
let authorization: string;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  vault = await startVaultUnderTest({ throttling: { creations: 1e6, others: 1e6 } });
  const config = keyVaultConfigSchema.parse({
    throttling: { creations: 1e6, others: 1e6 },
    settleAfter: 'PT0S',
  });
  const [vaultConfig] = config.vaults;
  if (!vaultConfig) throw new Error('There is no vault in the default configuration');
  app = createKeyVaultApp(createVault(vaultConfig, config, vault.cloud.clock), vault.cloud.accessTokens);
  const { accessToken } = await vault.cloud.accessTokens.mint(identities.operator, 'https://vault.azure.net');
  authorization = `Bearer ${accessToken}`;
});
afterAll(() => vault.close());

const anything = fc.jsonValue();
const nearlyRight = fc.record(
  {
    value: fc.oneof(fc.string({ unit: 'binary' }), anything),
    contentType: fc.oneof(fc.string(), anything),
    tags: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.string(), anything)), anything),
    attributes: fc.oneof(
      fc.record(
        {
          enabled: fc.oneof(fc.boolean(), anything),
          nbf: fc.oneof(fc.integer(), anything),
          exp: fc.oneof(fc.double(), anything),
        },
        { requiredKeys: [] },
      ),
      anything,
    ),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(anything, nearlyRight).map((value) => JSON.stringify(value));
const name = fc.constantFrom('a', 'b', 'c', '%00', '..', 'x_y', '%e2%82%ac');
const path = fc.oneof(
  name.map((each) => `/secrets/${each}`),
  fc
    .tuple(name, fc.constantFrom('versions', 'backup', 'f'.repeat(32), 'x', ''))
    .map((part) => `/secrets/${part.join('/')}`),
  fc.tuple(name, fc.constantFrom('', '/recover')).map((part) => `/deletedsecrets/${part.join('')}`),
  fc.webPath(),
);
const method = fc.constantFrom('PUT', 'PUT', 'PUT', 'PATCH', 'POST', 'DELETE');

/** Whether an answer is one that Key Vault could give, in its shape. */
async function expectKeyVaultAnswer(status: number, text: string): Promise<void> {
  expect(expected).toContain(status);
  if (status < 400) return;
  expect(JSON.parse(text)).toEqual({
    error: expect.objectContaining({
      code: expect.stringMatching(/^[A-Za-z]+$/),
      message: expect.any(String),
    }),
  });
}

describe('bad input', () => {
  it('gets the service’s kind of error for any JSON, method and path', async () => {
    await fc.assert(
      fc.asyncProperty(method, path, body, async (method, path, body) => {
        const answer = await app.request(`${path}?api-version=7.6`, {
          method,
          body,
          headers: { authorization },
        });
        await expectKeyVaultAnswer(answer.status, await answer.text());
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);

  it('gets the service’s kind of error for any query of a list', async () => {
    const query = fc.webQueryParameters();
    const token = fc.base64String().map((text) => `$skiptoken=${encodeURIComponent(text)}`);
    const size = fc
      .oneof(fc.integer(), fc.string())
      .map((value) => `maxresults=${encodeURIComponent(value)}`);
    await fc.assert(
      fc.asyncProperty(fc.oneof(query, token, size), async (more) => {
        const answer = await app.request(`/secrets?api-version=7.6&${more}`, { headers: { authorization } });
        await expectKeyVaultAnswer(answer.status, await answer.text());
      }),
      { numRuns: 1_000 },
    );
  }, 120_000);

  it('gets the service’s kind of error over the wire, for any bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      body.map((text) => new TextEncoder().encode(text)),
    );
    await fc.assert(
      fc.asyncProperty(method, path, bytes, async (method, path, body) => {
        const answer = await httpsRequest(`${vault.url}${path}?api-version=7.6`, {
          ca: vault.cloud.certificates.authority,
          agent,
          method,
          headers: { authorization, 'content-type': 'application/json' },
          body: Buffer.from(body),
        });
        await expectKeyVaultAnswer(answer.status, answer.body);
      }),
      { numRuns: 300 },
    );
  }, 120_000);

  it('is refused when it is far too long', async () => {
    const answer = await httpsRequest(`${vault.url}/secrets/long?api-version=7.6`, {
      ca: vault.cloud.certificates.authority,
      method: 'PUT',
      headers: { authorization },
      body: JSON.stringify({ value: 'x'.repeat(1_000_000) }),
    });
    await expectKeyVaultAnswer(answer.status, answer.body);
    expect(answer.status).toBe(413);
  });

  it('that is no HTTP at all is answered with 400, and the vault goes on', async () => {
    const { hostname, port } = new URL(vault.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(
        { host: hostname, port: Number(port), ca: vault.cloud.certificates.authority },
        () => socket.write('\u0000\u0001nonsense\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (data) => {
        text += String(data);
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await all(vault.client(identities.operator).listPropertiesOfSecrets())).toBeInstanceOf(Array);
  });
});
