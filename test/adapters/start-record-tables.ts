import { openRecordTables, type RecordTables } from '../../src/adapters/record-tables.ts';
import { type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

export interface TablesUnderTest {
  readonly keyturn: KeyturnCloud;
  readonly tables: RecordTables;
}

/** Starts storage and makes the tables that records are kept in. */
export async function startRecordTables(): Promise<TablesUnderTest> {
  const keyturn = await startKeyturnCloud('storage', 'storage');
  const tables = openRecordTables({
    kind: 'identity',
    endpoint: keyturn.cloud.environment.STORAGE_TABLE_ENDPOINT ?? '',
    credential: keyturn.credential(),
  });
  await Promise.all(Object.values(tables).map((table) => table.createTable()));
  return { keyturn, tables };
}
