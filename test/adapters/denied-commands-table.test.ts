import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeniedCommandsTable } from '../../src/adapters/denied-commands-table.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { TokenRecordsTable } from '../../src/adapters/token-records-table.ts';
import { buildEvent } from '../../src/contracts/events.ts';
import type { TokenIdentity } from '../../src/lifecycle/state.ts';
import { start } from '../lifecycle/build.ts';
import { accepted } from './build-records.ts';
import { startRecordTables, type TablesUnderTest } from './start-record-tables.ts';

let storage: TablesUnderTest;
let records: TokenRecordsTable;
let denied: DeniedCommandsTable;
let token: TokenIdentity;
let number = 0;

beforeAll(async () => {
  storage = await startRecordTables();
  records = new TokenRecordsTable(storage.tables.records, systemClock);
  denied = new DeniedCommandsTable(storage.tables.records, systemClock);
});
afterAll(() => storage.keyturn.close());
beforeEach(() => {
  number += 1;
  token = { registry: 'contoso', loginServer: 'contoso.azurecr.io', token: `Denied-${number}` };
});

const command = accepted('key-1');
const because = { code: 'ownerNotAllowed', detail: 'stranger' };
const outcome = { key: command.key, status: 'denied', at: start, ...because } as const;

function event() {
  const { rule, detail } = { rule: because.code, detail: because.detail };
  const data = { ...token, entrance: 'token-requests', rule, detail };
  return buildEvent({ type: 'keyturn.token.request-denied', severity: 'warning', data }, 'event-1', start);
}

describe('a command that was denied at the door', () => {
  it('has its outcome and its event, and is never pending', async () => {
    expect(await denied.insertDenied(token, command, outcome, event())).toBe('inserted');
    expect(await records.readCommand(token, command.key)).toMatchObject({ key: command.key, outcome });
    expect(await records.readPending(token)).toEqual([]);
    const [waiting] = await records.readOutbox(token);
    expect(waiting?.event).toEqual(event());
    await records.removeFromOutbox(token, [waiting?.key ?? '']);
    expect(await records.readOutbox(token)).toEqual([]);
  });

  it('is kept once, and told from another one with its key', async () => {
    await denied.insertDenied(token, command, outcome, event());
    expect(await denied.insertDenied(token, command, outcome, event())).toBe('duplicate');
    expect(await denied.insertDenied(token, { ...command, digest: 'other' }, outcome, event())).toBe(
      'differentContent',
    );
    expect(await records.insertCommand(token, command)).toBe('duplicate');
    expect(await records.readPending(token)).toEqual([]);
  });

  it('is not kept where the command was accepted before', async () => {
    await records.insertCommand(token, command);
    expect(await denied.insertDenied(token, command, outcome, event())).toBe('duplicate');
    expect(await records.readOutbox(token)).toEqual([]);
  });
});
