import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PartApp } from '../../../infra/local/http/serve.ts';
import { createIdentityApp } from '../../../infra/local/identity/identity-app.ts';
import { type LocalCloud, openLocalCloud } from './local-cloud.ts';

let cloud: LocalCloud;
let app: PartApp;
beforeAll(async () => {
  cloud = await openLocalCloud();
  app = createIdentityApp(cloud.accessTokens, 'the header');
});
afterAll(() => cloud.close());

const names = ['api-version', 'resource', 'client_id', 'mi_res_id', 'object_id', 'principal_id', 'other'];
const value = fc.oneof(
  fc.constantFrom('2019-08-01', 'https://vault.azure.net', ''),
  fc.string({ unit: 'binary' }),
);
const query = fc
  .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 })
  .map((pairs) => new URLSearchParams(pairs).toString());

describe('bad input', () => {
  it('gets an error of the endpoint, whatever the query and the body', async () => {
    const method = fc.constantFrom('GET', 'GET', 'GET', 'POST', 'PUT');
    const body = fc.jsonValue().map((json) => JSON.stringify(json));
    await fc.assert(
      fc.asyncProperty(query, method, body, async (query, method, body) => {
        const answer = await app.request(`/msi/token?${query}`, {
          method,
          headers: { 'x-identity-header': 'the header' },
          ...(method === 'GET' ? {} : { body }),
        });
        expect([200, 400, 405]).toContain(answer.status);
        const expected =
          answer.status === 200
            ? { access_token: expect.any(String), token_type: 'Bearer' }
            : { statusCode: answer.status, message: expect.any(String), correlationId: expect.any(String) };
        expect(await answer.json()).toMatchObject(expected);
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);

  it('never opens the endpoint to a header that is not the right one', async () => {
    const header = fc.stringMatching(/^[\x21-\x7e]{0,30}$/).filter((text) => text !== 'the header');
    await fc.assert(
      fc.asyncProperty(header, async (text) => {
        const path = '/msi/token?api-version=2019-08-01&resource=https://vault.azure.net';
        expect((await app.request(path, { headers: { 'x-identity-header': text } })).status).toBe(401);
      }),
      { numRuns: 500 },
    );
  }, 120_000);
});
