import { Agent } from 'node:https';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repetitions } from '../../counts.ts';
import { httpsRequest } from '../identity/https-request.ts';
import { identities } from '../identity/local-cloud.ts';
import { failureOf, type StorageUnderTest, startStorageUnderTest } from './storage-under-test.ts';

let storage: StorageUnderTest;
let authorization: string;
beforeAll(async () => {
  storage = await startStorageUnderTest();
  await storage.table('fuzz').createTable();
  const { accessToken } = await storage.cloud.accessTokens.mint(
    identities.operator,
    'https://storage.azure.com',
  );
  authorization = `Bearer ${accessToken}`;
});
afterAll(() => storage.close());
const agent = new Agent({ keepAlive: true });

const anything = fc.jsonValue();
const entity = fc.record(
  {
    PartitionKey: fc.oneof(fc.string(), anything),
    RowKey: fc.oneof(fc.string(), anything),
    property: anything,
    'property@odata.type': fc.oneof(
      fc.constantFrom('Edm.Int32', 'Edm.DateTime', 'Edm.Guid', 'Edm.Binary'),
      anything,
    ),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(anything, entity).map((value) => JSON.stringify(value));
const method = fc.constantFrom('POST', 'PUT', 'PATCH', 'MERGE', 'DELETE', 'GET');
const paths = {
  table: [
    '/fuzz',
    '/fuzz()',
    "/fuzz(PartitionKey='a',RowKey='b')",
    '/Tables',
    "/Tables('x')",
    '/$batch',
    '/',
    '/%00',
  ],
  queue: ['/fuzz', '/fuzz/messages', '/fuzz/messages/x', '/?comp=list', '/', '/%00'],
  blob: ['/fuzz?restype=container', '/fuzz/a', '/fuzz/a?comp=blocklist', '/?comp=list', '/', '/%00'],
} as const;

describe('bad input', () => {
  it.each(['table', 'queue', 'blob'] as const)(
    'gets an answer of %s storage, and never a failure of it',
    async (service) => {
      const path = fc.constantFrom(...paths[service]);
      await fc.assert(
        fc.asyncProperty(method, path, body, async (method, path, body) => {
          const answer = await httpsRequest(`${storage.endpoint[service]}${path}`, {
            ca: storage.cloud.certificates.authority,
            agent,
            method,
            headers: {
              authorization,
              'x-ms-version': '2025-01-05',
              'content-type': 'application/json',
              accept: 'application/json;odata=nometadata',
            },
            body,
          });
          expect(answer.status).toBeLessThan(500);
          if (answer.status >= 400) {
            expect(answer.headers['x-ms-request-id']).toBeDefined();
            expect(answer.body).toMatch(/^(\{"odata\.error":|<\?xml [^>]+\?>\s*<Error>)/);
          }
        }),
        { numRuns: repetitions({ quick: 500, soak: 3_500 }) },
      );
    },
    120_000,
  );

  it('of a table’s name is told by the official client', async () => {
    expect((await failureOf(storage.table('no such_name').createTable())).statusCode).toBe(400);
  });
});
