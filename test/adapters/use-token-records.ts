import { afterAll, beforeAll, beforeEach } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { TokenRecordsTable } from '../../src/adapters/token-records-table.ts';
import type { TokenIdentity } from '../../src/lifecycle/state.ts';
import type { KeyturnCloud } from './keyturn-cloud.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

export interface RecordsUnderTest extends TablesUnderTest {
  readonly records: TokenRecordsTable;
  /** Another one for each test. */
  readonly token: TokenIdentity;
  readonly inject: KeyturnCloud['inject'];
  /** Of the token's commands without an outcome, in order. */
  keysOfPending(): Promise<string[]>;
}

/** The records for the tests of a file; they are there once the tests run. */
export function useTokenRecords(): RecordsUnderTest {
  const under = {} as RecordsUnderTest;
  let number = 0;
  beforeAll(async () => {
    const storage = await startRecordTables();
    const records = new TokenRecordsTable(storage.tables.records, systemClock);
    const keysOfPending = async () => (await records.readPending(under.token)).map(({ key }) => key).sort();
    Object.assign(under, { ...storage, records, keysOfPending, inject: storage.keyturn.inject });
  });
  afterAll(() => under.keyturn.close());
  beforeEach(() => {
    under.keyturn.cloud.faults.clear();
    number += 1;
    const token = { registry: 'contoso', loginServer: 'contoso.azurecr.io', token: `Token-${number}` };
    Object.assign(under, { token });
  });
  return under;
}
