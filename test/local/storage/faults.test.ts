import type { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { httpsRequest } from '../identity/https-request.ts';
import { failureOf, type StorageUnderTest, startStorageUnderTest } from './storage-under-test.ts';

let storage: StorageUnderTest;
let table: TableClient;
let patient: TableClient;
let partitionKey = '';

beforeAll(async () => {
  storage = await startStorageUnderTest();
  table = storage.table('tokens');
  patient = storage.table('tokens', { retryOptions: { maxRetries: 2, retryDelayInMs: 1 } });
  await table.createTable();
});
afterAll(() => storage.close());
beforeEach(() => {
  storage.cloud.faults.clear();
  storage.cloud.history.clear();
  partitionKey = crypto.randomUUID();
});

type Effect = Parameters<StorageUnderTest['cloud']['faults']['inject']>[0]['effect'];
const inject = (effect: Effect, times = 1, match = '^(POST|PATCH|PUT) ') =>
  storage.cloud.faults.inject({ part: 'storage', effect, match, times });
const outcomes = () => storage.cloud.history.list().map(({ outcome }) => outcome);
const insert = (client: TableClient) => client.createEntity({ partitionKey, rowKey: 'a' });
const transaction = (client: TableClient) =>
  client.submitTransaction([['create', { partitionKey, rowKey: 'a' }]]);
async function exists(): Promise<boolean> {
  for await (const _ of table.listEntities({ queryOptions: { filter: `PartitionKey eq '${partitionKey}'` } }))
    return true;
  return false;
}

describe('throttled storage', () => {
  it('says that it is busy, as Azure Storage does, and the client tries again', async () => {
    inject({ kind: 'throttle' }, 2);
    await insert(patient);
    expect(outcomes()).toEqual([503, 503, 204]);
    inject({ kind: 'throttle' });
    expect(await failureOf(table.upsertEntity({ partitionKey, rowKey: 'b' }))).toMatchObject({
      statusCode: 503,
      code: 'ServerBusy',
    });
  });

  it('says when to come back', async () => {
    inject({ kind: 'throttle', retryAfterSeconds: 1 });
    await insert(patient);
    expect(outcomes()).toEqual([503, 204]);
  });
});

describe('throttled blobs and queues', () => {
  it.each(['blob', 'queue'] as const)('say so in XML: %s', async (service) => {
    inject({ kind: 'throttle', retryAfterSeconds: 7 }, 1, '^GET ');
    const answer = await httpsRequest(`${storage.endpoint[service]}/?comp=list`, {
      ca: storage.cloud.certificates.authority,
    });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '7']);
    expect(answer.headers['x-ms-error-code']).toBe('ServerBusy');
    expect(answer.body).toMatch(/<Error><Code>ServerBusy<\/Code><Message>The server is busy\.\nRequestId:/);
  });
});

describe('failing storage', () => {
  it('tells the status and code that were asked for, in the shape of tables', async () => {
    inject({ kind: 'fail', status: 403, code: 'AuthorizationPermissionMismatch', message: 'No.' });
    expect(await failureOf(insert(table))).toMatchObject({
      statusCode: 403,
      code: 'AuthorizationPermissionMismatch',
      message: expect.stringContaining('No.\\nRequestId:'),
    });
    expect(await exists()).toBe(false);
  });

  it('with 500 is asked again by the client', async () => {
    inject({ kind: 'fail' }, 2);
    await insert(patient);
    expect(outcomes()).toEqual([500, 500, 204]);
  });
});

describe('a dropped connection', () => {
  it('before the effect leaves nothing behind', async () => {
    inject({ kind: 'drop', when: 'before' });
    await expect(insert(table)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await exists()).toBe(false);
  });

  it('after the effect leaves the entity behind', async () => {
    inject({ kind: 'drop', when: 'after' });
    await expect(insert(table)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await exists()).toBe(true);
  });

  it('after the effect makes the client, which tries again, report a conflict with itself', async () => {
    inject({ kind: 'drop', when: 'after' });
    expect(await failureOf(insert(patient))).toMatchObject({ statusCode: 409, code: 'EntityAlreadyExists' });
    expect(await exists()).toBe(true);
  });

  it('after a transaction does the same', async () => {
    inject({ kind: 'drop', when: 'after' });
    expect(await failureOf(transaction(patient))).toMatchObject({
      statusCode: 409,
      code: 'EntityAlreadyExists',
    });
    expect(await exists()).toBe(true);
  });
});

describe('a damaged answer', () => {
  it.each(['cut', 'garble'] as const)('that is %s makes the client fail', async (how) => {
    await insert(table);
    inject({ kind: 'damage', how }, 1, '^GET ');
    await expect(table.getEntity(partitionKey, 'a')).rejects.toThrow();
  });

  it('to a transaction comes after its effect', async () => {
    inject({ kind: 'damage', how: 'cut' });
    await expect(transaction(table)).rejects.toThrow();
    expect(await exists()).toBe(true);
  });
});

describe('unreachable storage', () => {
  it('drops every connection until it is reachable again', async () => {
    storage.cloud.faults.setReachable('storage', false);
    await expect(insert(table)).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/),
    });
    storage.cloud.faults.setReachable('storage', true);
    await insert(table);
  });
});
