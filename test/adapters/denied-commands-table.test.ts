import { beforeAll, describe, expect, it } from 'vitest';
import { DeniedCommandsTable } from '../../src/adapters/denied-commands-table.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { buildEvent } from '../../src/contracts/events.ts';
import { start } from '../lifecycle/build.ts';
import { accepted } from './build-records.ts';
import { useTokenRecords } from './use-token-records.ts';

const storage = useTokenRecords();
let denied: DeniedCommandsTable;
beforeAll(() => {
  denied = new DeniedCommandsTable(storage.tables.records, systemClock);
});

const command = accepted('key-1');
const because = { code: 'ownerNotAllowed', detail: 'stranger' };
const outcome = { key: command.key, status: 'denied', at: start, ...because } as const;

function event() {
  const { rule, detail } = { rule: because.code, detail: because.detail };
  const data = { ...storage.token, entrance: 'token-requests', rule, detail };
  return buildEvent({ type: 'keyturn.token.request-denied', severity: 'warning', data }, 'event-1', start);
}

describe('a command that was denied at the door', () => {
  it('has its outcome and its event, and is never pending', async () => {
    expect(await denied.insertDenied(storage.token, command, outcome, event())).toBe('inserted');
    expect(await storage.records.readCommand(storage.token, command.key)).toMatchObject({
      key: command.key,
      outcome,
    });
    expect(await storage.records.readPending(storage.token)).toEqual([]);
    const [waiting] = await storage.records.readOutbox(storage.token);
    expect(waiting?.event).toEqual(event());
    await storage.records.removeFromOutbox(storage.token, [waiting?.key ?? '']);
    expect(await storage.records.readOutbox(storage.token)).toEqual([]);
  });

  it('is kept once, and told from another one with its key', async () => {
    await denied.insertDenied(storage.token, command, outcome, event());
    expect(await denied.insertDenied(storage.token, command, outcome, event())).toBe('duplicate');
    expect(await denied.insertDenied(storage.token, { ...command, digest: 'other' }, outcome, event())).toBe(
      'differentContent',
    );
    expect(await storage.records.insertCommand(storage.token, command)).toBe('duplicate');
    expect(await storage.records.readPending(storage.token)).toEqual([]);
  });

  it('is not kept where the command was accepted before', async () => {
    await storage.records.insertCommand(storage.token, command);
    expect(await denied.insertDenied(storage.token, command, outcome, event())).toBe('duplicate');
    expect(await storage.records.readOutbox(storage.token)).toEqual([]);
  });
});
