import { ConfigurationError } from './read-configuration.ts';

/** The connections of the app, as the Functions conventions name their settings. */
export const serviceBusConnectionName = 'ServiceBus';
export const recordsConnectionName = 'Records';
export const archiveConnectionName = 'Archive';

/** The subscription of the events' topic that alerting listens to. */
export const alertsSubscription = 'alerts';

/** The subscription of the events' topic that the archive is filled from. */
export const archiveSubscription = 'archive';

/** How a client gets in: with the app's identity, or, in the local cloud only, with a connection string. */
export type Connection =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      /** Host name of a Service Bus namespace, or URL of a table service. */
      readonly endpoint: string;
      /** Of a user-assigned identity; without it, the system-assigned one. */
      readonly clientId: string | undefined;
    };

type Environment = Readonly<Record<string, string | undefined>>;

/** The connection of the entrances and the topic. @throws ConfigurationError that names the missing setting. */
export function serviceBusConnection(environment: Environment): Connection {
  const endpointSetting = `${serviceBusConnectionName}__fullyQualifiedNamespace`;
  return connection(environment, serviceBusConnectionName, environment[endpointSetting], endpointSetting);
}

/**
 * The connection of the tables that hold the token records.
 * @throws ConfigurationError that names the missing setting.
 */
export function recordsConnection(environment: Environment, storageSuffix: string): Connection {
  const account = environment[`${recordsConnectionName}__accountName`];
  const endpoint =
    environment[`${recordsConnectionName}__tableServiceUri`] ??
    (account ? `https://${account}.table.${storageSuffix}` : undefined);
  return connection(
    environment,
    recordsConnectionName,
    endpoint,
    `${recordsConnectionName}__tableServiceUri`,
  );
}

/** The blob service of the archive of events, which is entered by identity only; undefined: there is no archive. */
export function archiveConnection(
  environment: Environment,
): { readonly endpoint: string; readonly clientId: string | undefined } | undefined {
  const endpoint = environment[`${archiveConnectionName}__blobServiceUri`];
  return endpoint ? { endpoint, clientId: environment[`${archiveConnectionName}__clientId`] } : undefined;
}

function connection(
  environment: Environment,
  name: string,
  endpoint: string | undefined,
  endpointSetting: string,
): Connection {
  const connectionString = environment[name];
  if (connectionString) return { kind: 'connectionString', connectionString };
  if (endpoint) return { kind: 'identity', endpoint, clientId: environment[`${name}__clientId`] };
  throw new ConfigurationError([{ path: endpointSetting, violation: 'missing' }]);
}
