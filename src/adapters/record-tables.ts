import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../ports/clock.ts';
import { ServiceFailure } from '../ports/service-failure.ts';
import { type Caller, callRepeatably } from './call.ts';
import { codesOf, statusOf } from './error-fields.ts';

/** How the table service is reached. */
export type RecordsConnection =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly endpoint: string; readonly credential: TokenCredential };

/** The tables that Keyturn keeps: a partition per token, the inventory, where each request went, and what is wrong. */
export const tableNames = {
  records: 'KeyturnRecords',
  inventory: 'KeyturnInventory',
  requests: 'KeyturnRequests',
  findings: 'KeyturnFindings',
  schedules: 'KeyturnSchedules',
  alerts: 'KeyturnAlerts',
} as const;

export type RecordTables = Readonly<Record<keyof typeof tableNames, TableClient>>;

const timeLimit = 10_000;

/** Clients that never repeat a request by themselves: a repeated conditional write fails against its own first try. */
export function openRecordTables(connection: RecordsConnection): RecordTables {
  const options = { retryOptions: { maxRetries: 0 } };
  const open = (name: string) =>
    connection.kind === 'identity'
      ? new TableClient(connection.endpoint, name, connection.credential, options)
      : TableClient.fromConnectionString(connection.connectionString, name, options);
  const { records, inventory, requests, findings, schedules, alerts } = tableNames;
  return {
    records: open(records),
    inventory: open(inventory),
    requests: open(requests),
    findings: open(findings),
    schedules: open(schedules),
    alerts: open(alerts),
  };
}

/** Most operations in one transaction. Source: entity group transactions of Azure Table storage. */
export const mostActions = 100;

export function recordsCaller(clock: Clock): Caller {
  return { service: 'records', clock, timeLimit };
}

/**
 * Calls a table for what may be asked twice. A table that is not there is made: a storage account that was emptied is
 * filled again. @throws ServiceFailure, and nothing else
 */
export function callTable<Result>(
  table: TableClient,
  caller: Caller,
  operation: string,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return callRepeatably(caller, operation, {}, async (abortSignal) => {
    try {
      return await call(abortSignal);
    } catch (error) {
      if (!isTableMissing(error)) throw error;
      await table.createTable({ abortSignal });
      throw new ServiceFailure({ service: 'records', operation, code: 'unavailable' });
    }
  });
}

/** What a row is read for, or undefined if it is not there. */
export async function orUndefined<Row>(reading: Promise<Row>): Promise<Row | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (statusOf(error) === 404 && !isTableMissing(error)) return undefined;
    throw error;
  }
}

function isTableMissing(error: unknown): boolean {
  return codesOf(error).includes('TableNotFound');
}
