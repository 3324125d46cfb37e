import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, type StorageUnderTest, startStorageUnderTest } from './storage-under-test.ts';

let storage: StorageUnderTest;
let table: TableClient;
beforeAll(async () => {
  storage = await startStorageUnderTest();
  table = storage.table('tokens');
  await table.createTable();
});
afterAll(() => storage.close());

const row = (partitionKey: string, rowKey: string, more: Record<string, unknown> = {}) => ({
  partitionKey,
  rowKey,
  ...more,
});
const etagOf = async (partitionKey: string, rowKey: string) =>
  (await table.getEntity(partitionKey, rowKey)).etag;
async function keys(filter: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { rowKey } of table.listEntities({ queryOptions: { filter } })) found.push(rowKey ?? '');
  return found;
}

describe('a table', () => {
  it('is created once, and creating it again changes nothing', async () => {
    await table.upsertEntity(row('kept', 'a'));
    await table.createTable();
    expect((await table.getEntity('kept', 'a')).rowKey).toBe('a');
  });

  it('that does not exist is not found', async () => {
    const nowhere = storage.table('nowhere');
    expect(await failureOf(nowhere.createEntity(row('a', 'b')))).toMatchObject({
      statusCode: 404,
      code: 'TableNotFound',
    });
  });
});

describe('an entity', () => {
  it('keeps the type of each property', async () => {
    const properties = {
      text: 'é "€"\n',
      empty: '',
      whole: 42,
      fraction: 1.5,
      large: 9007199254740993n,
      flag: true,
      instant: new Date('2026-01-02T03:04:05.678Z'),
      bytes: new Uint8Array([1, 2, 255]),
      guid: { type: 'Guid', value: '0a0a0a0a-0000-4000-8000-000000000001' },
    };
    await table.createEntity(row('types', 'a', properties));
    const read = await table.getEntity<Record<string, unknown>>('types', 'a');
    const { bytes, ...others } = properties;
    expect(read).toMatchObject(others);
    expect(Buffer.from(read.bytes as Uint8Array)).toEqual(Buffer.from(bytes));
  });

  it('is inserted once', async () => {
    await table.createEntity(row('insert', 'a', { n: 1 }));
    expect(await failureOf(table.createEntity(row('insert', 'a', { n: 2 })))).toMatchObject({
      statusCode: 409,
      code: 'EntityAlreadyExists',
    });
    expect(await table.getEntity('insert', 'a')).toMatchObject({ n: 1 });
  });

  it('is replaced or merged by an upsert', async () => {
    await table.upsertEntity(row('upsert', 'a', { one: 1, two: 2 }), 'Merge');
    await table.upsertEntity(row('upsert', 'a', { one: 3 }), 'Merge');
    expect(await table.getEntity('upsert', 'a')).toMatchObject({ one: 3, two: 2 });
    await table.upsertEntity(row('upsert', 'a', { one: 4 }), 'Replace');
    expect(await table.getEntity('upsert', 'a')).not.toHaveProperty('two');
  });

  it('that does not exist can be neither read, updated nor deleted', async () => {
    const notFound = { statusCode: 404, code: 'ResourceNotFound' };
    expect(await failureOf(table.getEntity('none', 'a'))).toMatchObject(notFound);
    expect(await failureOf(table.updateEntity(row('none', 'a')))).toMatchObject(notFound);
    expect(await failureOf(table.deleteEntity('none', 'a'))).toMatchObject(notFound);
  });

  it.each([
    ['a key with a slash', row('p', 'a/b')],
    ['a key of more than 1 kB', row('p', 'k'.repeat(1_025))],
    ['a text of more than 32 k characters', row('p', 'a', { text: 'x'.repeat(32_769) })],
  ])('is refused with %s', async (_, entity) => {
    expect((await failureOf(table.createEntity(entity))).statusCode).toBe(400);
  });

  it('may have any other character in its keys', async () => {
    const strange = row("it's (x)", '€ é+%&=');
    await table.createEntity(strange);
    expect(await table.getEntity(strange.partitionKey, strange.rowKey)).toMatchObject(strange);
  });
});

describe('an ETag', () => {
  const conflict = { statusCode: 412, code: 'UpdateConditionNotSatisfied' };

  it('changes with every write, also with one that changes nothing', async () => {
    const { etag: first } = await table.createEntity(row('etag', 'same', { n: 1 }));
    const { etag: second } = await table.updateEntity(row('etag', 'same', { n: 1 }), 'Replace');
    expect(second).not.toBe(first);
    expect(await etagOf('etag', 'same')).toBe(second);
  });

  it('lets a conditional update or delete through once, and refuses it afterwards', async () => {
    await table.createEntity(row('etag', 'once', { n: 1 }));
    const etag = await etagOf('etag', 'once');
    await table.updateEntity(row('etag', 'once', { n: 2 }), 'Merge', { etag });
    expect(
      await failureOf(table.updateEntity(row('etag', 'once', { n: 3 }), 'Merge', { etag })),
    ).toMatchObject(conflict);
    expect(await failureOf(table.deleteEntity('etag', 'once', { etag }))).toMatchObject(conflict);
    await table.deleteEntity('etag', 'once', { etag: await etagOf('etag', 'once') });
  });

  it('lets one of many through that try at once', async () => {
    await table.createEntity(row('etag', 'race', { n: 0 }));
    const etag = await etagOf('etag', 'race');
    const tries = Array.from({ length: 20 }, (_, n) =>
      table.updateEntity(row('etag', 'race', { n }), 'Replace', { etag }),
    );
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a transaction', () => {
  it('does all of its operations, and tells their ETags', async () => {
    await table.createEntity(row('all', 'a', { n: 1 }));
    const result = await table.submitTransaction([
      ['update', row('all', 'a', { n: 2 }), 'Merge', { etag: await etagOf('all', 'a') }],
      ['create', row('all', 'b')],
      ['upsert', row('all', 'c'), 'Replace'],
    ]);
    expect(result.status).toBe(202);
    expect(result.subResponses.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(result.subResponses[0]?.etag).toBe(await etagOf('all', 'a'));
    expect(await keys(odata`PartitionKey eq 'all'`)).toEqual(['a', 'b', 'c']);
    await table.submitTransaction([
      ['delete', row('all', 'a')],
      ['delete', row('all', 'b')],
    ]);
    expect(await keys(odata`PartitionKey eq 'all'`)).toEqual(['c']);
  });

  const failing: [string, string, number, string, (etag: string) => TransactionAction][] = [
    ['inserts what exists', 'exists', 409, 'EntityAlreadyExists', () => ['create', row('exists', 'old')]],
    [
      'updates against an old ETag',
      'stale',
      412,
      'UpdateConditionNotSatisfied',
      (etag) => ['update', row('stale', 'old', { n: 9 }), 'Replace', { etag }],
    ],
    [
      'updates what is missing',
      'updates',
      404,
      'ResourceNotFound',
      () => ['update', row('updates', 'x'), 'Merge'],
    ],
    ['deletes what is missing', 'deletes', 404, 'ResourceNotFound', () => ['delete', row('deletes', 'x')]],
  ];
  it.each(failing)(
    'does nothing at all when one operation %s',
    async (_, partition, status, code, action) => {
      await table.createEntity(row(partition, 'old', { n: 1 }));
      const stale = await etagOf(partition, 'old');
      await table.updateEntity(row(partition, 'old', { n: 2 }), 'Replace');
      const failure = await failureOf(
        table.submitTransaction([
          ['create', row(partition, 'new')],
          action(stale),
          ['create', row(partition, 'more')],
        ]),
      );
      expect(failure).toMatchObject({ statusCode: status, code });
      expect(failure.message).toMatch(/^1:/);
      expect(await keys(odata`PartitionKey eq ${partition}`)).toEqual(['old']);
      expect(await table.getEntity(partition, 'old')).toMatchObject({ n: 2 });
    },
  );

  it('lets one of many through that depend on the same ETag', async () => {
    await table.createEntity(row('race', 'state', { plan: 0 }));
    const etag = await etagOf('race', 'state');
    const tries = Array.from({ length: 20 }, (_, plan) =>
      table.submitTransaction([
        ['update', row('race', 'state', { plan }), 'Replace', { etag }],
        ['create', row('race', `outbox-${plan}`)],
      ]),
    );
    const outcomes = await Promise.allSettled(tries);
    const winners = outcomes.flatMap(({ status }, plan) => (status === 'fulfilled' ? [plan] : []));
    expect(winners).toHaveLength(1);
    expect(await keys(odata`PartitionKey eq 'race' and RowKey lt 'p'`)).toEqual(
      winners.map((plan) => `outbox-${plan}`),
    );
    expect(await table.getEntity('race', 'state')).toMatchObject({ plan: winners[0] });
  });

  it('has at most 100 operations, and each entity once', async () => {
    const creations = (count: number) =>
      Array.from({ length: count }, (_, i): TransactionAction => ['create', row(`of-${count}`, String(i))]);
    expect((await table.submitTransaction(creations(100))).status).toBe(202);
    expect(await failureOf(table.submitTransaction(creations(101)))).toMatchObject({ statusCode: 400 });
    expect(await keys(odata`PartitionKey eq 'of-101'`)).toEqual([]);
    const twice: TransactionAction[] = [
      ['upsert', row('twice', 'a')],
      ['upsert', row('twice', 'a')],
    ];
    expect(await failureOf(table.submitTransaction(twice))).toMatchObject({ code: 'InvalidDuplicateRow' });
  });

  it('of the official client always deletes unconditionally, whatever ETag the entity carries', async () => {
    await table.createEntity(row('trap', 'a'));
    const etag = await etagOf('trap', 'a');
    await table.updateEntity(row('trap', 'a', { n: 2 }), 'Replace');
    await table.submitTransaction([['delete', { ...row('trap', 'a'), etag }]]);
    expect(await keys(odata`PartitionKey eq 'trap'`)).toEqual([]);
  });
});

describe('a query', () => {
  beforeAll(async () => {
    for (const partition of ['one', 'two'])
      for (let start = 0; start < 1_200; start += 100)
        await storage.table('tokens').submitTransaction(
          Array.from({ length: 100 }, (_, i): TransactionAction => {
            const n = start + i;
            const lookAt = new Date(Date.UTC(2026, 0, 1) + n * 1_000);
            return ['create', row(partition, String(n).padStart(4, '0'), { n, lookAt, even: n % 2 === 0 })];
          }),
        );
  });
  const ofBoth = "PartitionKey eq 'one' or PartitionKey eq 'two'";

  it('finds all rows over several pages, in the order of their keys', async () => {
    const pages: string[][] = [];
    for await (const page of table.listEntities({ queryOptions: { filter: ofBoth } }).byPage())
      pages.push(page.map(({ partitionKey, rowKey }) => `${partitionKey}/${rowKey}`));
    expect(pages.every(({ length }) => length <= 1_000)).toBe(true);
    expect(pages.length).toBeGreaterThan(1);
    const found = pages.flat();
    expect(found).toHaveLength(2_400);
    expect(found).toEqual(found.toSorted());
  });

  it('goes on from a continuation token', async () => {
    const list = () => table.listEntities({ queryOptions: { filter: "PartitionKey eq 'one'" } });
    const first = (await list().byPage({ maxPageSize: 500 }).next()).value as {
      continuationToken?: string;
    } & unknown[];
    expect(first).toHaveLength(500);
    const { continuationToken = '' } = first;
    let others = 0;
    for await (const page of list().byPage({ maxPageSize: 500, continuationToken })) others += page.length;
    expect(others).toBe(700);
  });

  it.each([
    [odata`PartitionKey eq 'one' and RowKey ge '0100' and RowKey lt '0200'`, 100],
    [odata`PartitionKey eq 'one' and n gt ${1_197}`, 2],
    [odata`PartitionKey eq 'one' and lookAt le ${new Date(Date.UTC(2026, 0, 1) + 9_000)}`, 10],
    [odata`PartitionKey eq 'two' and even eq ${true}`, 600],
    [odata`PartitionKey eq 'two' and not (n lt ${1_199})`, 1],
    [odata`PartitionKey eq 'one' and missing eq ${1}`, 0],
  ])('filters by %s', async (filter, count) => {
    expect(await keys(filter)).toHaveLength(count);
  });

  it('returns the selected properties only', async () => {
    const queryOptions = { filter: odata`PartitionKey eq 'one' and RowKey eq '0007'`, select: ['n'] };
    const found: Record<string, unknown>[] = [];
    for await (const entity of table.listEntities({ queryOptions })) found.push(entity);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ n: 7 });
    expect(found[0]).not.toHaveProperty('lookAt');
  });

  it('that is no OData is refused', async () => {
    expect(await failureOf(keys('this is not OData'))).toMatchObject({
      statusCode: 400,
      code: 'InvalidInput',
    });
  });
});
