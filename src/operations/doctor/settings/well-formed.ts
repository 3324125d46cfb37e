import { TableClient } from '@azure/data-tables';
import { parseServiceBusConnectionString } from '@azure/service-bus';
import type { Connection } from '../../../configuration/connections.ts';

/** Whether a client can be made of it; the app would fail to load otherwise. */
export function isNamespace(connection: Connection): boolean {
  if (connection.kind === 'identity')
    return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?\/?$/i.test(connection.endpoint);
  const { connectionString } = connection;
  return succeeds(() => parseServiceBusConnectionString(connectionString));
}

/** The same for a table service. */
export function isTableService(connection: Connection): boolean {
  if (connection.kind === 'identity') return isHttps(connection.endpoint);
  const { connectionString } = connection;
  return succeeds(() => TableClient.fromConnectionString(connectionString, 'anything'));
}

export function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}

function succeeds(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}
