import { TableClient } from '@azure/data-tables';
import { expect } from 'vitest';
import { tableNames } from '../../../src/adapters/record-tables.ts';
import { eventually } from '../../local/functions-host/sample-app/durable-api.ts';
import type { RunningService } from '../running-service.ts';

/**
 * What has to hold whatever went wrong before: no command is pending, no event unsent, no message waits at an entrance or died there, and
 * the published passwords of these tokens log in.
 */
export async function expectInOrder(service: RunningService, tokens: readonly string[]): Promise<void> {
  await eventually(
    'commands and events',
    () => openRows(service),
    ({ length }) => length === 0,
  );
  await eventually(
    'messages',
    () => messagesLeft(service),
    ({ length }) => length === 0,
  );
  const statuses = await Promise.all(tokens.map((token) => service.logIn(token)));
  expect(Object.fromEntries(tokens.map((token, index) => [token, statuses[index]]))).toEqual(
    Object.fromEntries(tokens.map((token) => [token, 200])),
  );
}

/** Commands that are pending, and events that are still to be sent. */
export async function openRows(service: RunningService): Promise<string[]> {
  const table = await tableOf(service, 'records');
  const open: string[] = [];
  for await (const { partitionKey, rowKey } of table.listEntities())
    if (/^(pending|outbox)-/.test(rowKey ?? '')) open.push(`${partitionKey} ${rowKey}`);
  return open;
}

/** Messages that wait at an entrance, now or for later, or died there. */
export async function messagesLeft(service: RunningService): Promise<string[]> {
  const held = (await service.control.heldMessages()) as { entity: string; state: string }[];
  return held.filter(({ entity }) => isEntrance(entity)).map(({ entity, state }) => `${entity} ${state}`);
}

/** Deletes every table that Keyturn keeps, as an operator would by mistake. */
export async function emptyStorageAccount(service: RunningService): Promise<void> {
  for (const name of ['records', 'inventory', 'requests'] as const)
    await (await tableOf(service, name)).deleteTable();
}

async function tableOf(service: RunningService, name: keyof typeof tableNames): Promise<TableClient> {
  const url = service.setting('Records__tableServiceUri');
  return new TableClient(url, tableNames[name], await service.credential());
}

function isEntrance(entity: string): boolean {
  return /^token-requests(-urgent|-partners|-devices)?(\/\$DeadLetterQueue)?$/.test(entity);
}
