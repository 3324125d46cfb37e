import { createHmac } from 'node:crypto';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StorageService } from '../../../infra/local/storage/azurite-process.ts';
import { httpsRequest } from '../identity/https-request.ts';
import { identities } from '../identity/local-cloud.ts';
import { failureOf, type StorageUnderTest, startStorageUnderTest } from './storage-under-test.ts';

let storage: StorageUnderTest;
beforeAll(async () => {
  storage = await startStorageUnderTest();
  await storage.table('tokens').createTable();
});
afterAll(() => storage.close());

/** The key of Azurite's account that everybody knows. */
const famousKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

async function bearer(resource = 'https://storage.azure.com'): Promise<string> {
  return `Bearer ${(await storage.cloud.accessTokens.mint(identities.operator, resource)).accessToken}`;
}

function ask(
  service: StorageService,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Buffer,
) {
  return httpsRequest(`${storage.endpoint[service]}${path}`, {
    ca: storage.cloud.certificates.authority,
    method,
    headers: { 'x-ms-version': '2025-01-05', accept: 'application/json;odata=nometadata', ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

describe.each(['blob', 'queue', 'table'] as const)('%s storage', (service) => {
  const list = service === 'table' ? '/Tables' : '/?comp=list';
  const codeIn = (body: string): string =>
    service === 'table'
      ? JSON.parse(body)['odata.error'].code
      : (/<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? '');

  it('answers a token that is minted for storage, with or without a slash at the end', async () => {
    for (const resource of ['https://storage.azure.com', 'https://storage.azure.com/'])
      expect((await ask(service, 'GET', list, { authorization: await bearer(resource) })).status).toBe(200);
  });

  it.each([
    ['https://vault.azure.net', 401, 'InvalidAuthenticationInfo'],
    ['https://management.azure.com', 401, 'InvalidAuthenticationInfo'],
  ])('refuses a token for %s', async (resource, status, code) => {
    const answer = await ask(service, 'GET', list, { authorization: await bearer(resource) });
    expect([answer.status, codeIn(answer.body), answer.headers['x-ms-error-code']]).toEqual([
      status,
      code,
      code,
    ]);
    expect(answer.headers['www-authenticate']).toContain('resource_id=https://storage.azure.com');
  });

  it('refuses a request without a token, and one with a forged token', async () => {
    const [head = '', body = ''] = (await bearer()).split('.');
    const forged = `${head}.${body}.${createHmac('sha256', 'key').update(body).digest('base64url')}`;
    const none = await ask(service, 'GET', list, {});
    expect([none.status, codeIn(none.body)]).toEqual([401, 'NoAuthenticationInformation']);
    const answer = await ask(service, 'GET', list, { authorization: forged });
    expect([answer.status, codeIn(answer.body)]).toEqual([401, 'InvalidAuthenticationInfo']);
  });

  it('permits no keys: neither shared keys nor signatures made with them', async () => {
    const key = await ask(service, 'GET', list, { authorization: 'SharedKey devstoreaccount1:AAAA' });
    const signature = await ask(
      service,
      'GET',
      `${list}${list.includes('?') ? '&' : '?'}sv=2022&sig=AAAA`,
      {},
    );
    for (const { status, body } of [key, signature])
      expect([status, codeIn(body)]).toEqual([403, 'KeyBasedAuthenticationNotPermitted']);
  });
});

describe('the official client of tables', () => {
  it('is told that the well-known key does not open the account', async () => {
    const withKey = new TableClient(
      storage.endpoint.table,
      'tokens',
      new AzureNamedKeyCredential('devstoreaccount1', famousKey),
      { tlsOptions: { ca: storage.cloud.certificates.authority } },
    );
    expect(await failureOf(withKey.getEntity('a', 'b'))).toMatchObject({
      statusCode: 403,
      code: 'KeyBasedAuthenticationNotPermitted',
    });
  });
});

describe('blobs and queues', () => {
  it('store and return bytes of any length as they are', async () => {
    const headers = { authorization: await bearer() };
    const bytes = Buffer.alloc(3_000_000, 'some bytes ');
    expect((await ask('blob', 'PUT', '/files?restype=container', headers)).status).toBe(201);
    const blob = { ...headers, 'x-ms-blob-type': 'BlockBlob', 'content-type': 'text/x-thing' };
    expect((await ask('blob', 'PUT', '/files/large', blob, bytes)).status).toBe(201);
    const read = await ask('blob', 'GET', '/files/large', headers);
    expect([read.status, read.headers['content-type'], read.body.length]).toEqual([
      200,
      'text/x-thing',
      3_000_000,
    ]);
    const head = await ask('blob', 'HEAD', '/files/large', headers);
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '3000000', '']);
    const part = await ask('blob', 'GET', '/files/large', { ...headers, range: 'bytes=1-4' });
    expect([part.status, part.body]).toEqual([206, 'ome ']);
  });

  it('pass messages on', async () => {
    const headers = { authorization: await bearer() };
    expect((await ask('queue', 'PUT', '/letters', headers)).status).toBe(201);
    const message = '<QueueMessage><MessageText>aGVsbG8=</MessageText></QueueMessage>';
    expect((await ask('queue', 'POST', '/letters/messages', headers, message)).status).toBe(201);
    const received = await ask('queue', 'GET', '/letters/messages', headers);
    expect(received.body).toContain('<MessageText>aGVsbG8=</MessageText>');
  });
});

describe('the request history', () => {
  it('tells who asked for what, with the permission of Azure that it needs', async () => {
    storage.cloud.history.clear();
    const table = storage.table('tokens', {}, identities.writer);
    await table.upsertEntity({ partitionKey: 'p', rowKey: 'r', secret: 'hush' });
    await table.getEntity('p', 'r');
    await table.submitTransaction([['delete', { partitionKey: 'p', rowKey: 'r' }]]);
    const records = storage.cloud.history.list({ part: 'storage' });
    const prefix = 'Microsoft.Storage/storageAccounts/tableServices/tables/entities';
    expect(records.map(({ operation, identity, outcome }) => [operation, identity, outcome])).toEqual([
      [`${prefix}/update/action`, 'writer', 204],
      [`${prefix}/read`, 'writer', 200],
      [`${prefix}/write`, 'writer', 202],
    ]);
    expect(records[1]?.request).toMatch(/^GET \/devstoreaccount1\/tokens\(PartitionKey='p',RowKey='r'\)/);
    expect(JSON.stringify(records)).not.toContain('hush');
  });
});
