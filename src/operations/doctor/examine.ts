import { ServiceBusClient } from '@azure/service-bus';
import type { CredentialSource } from '../../adapters/azure-credential.ts';
import { KeyVaultSecrets } from '../../adapters/key-vault-secrets.ts';
import { openRecordTables, type RecordTables } from '../../adapters/record-tables.ts';
import type { Configuration } from '../../configuration/configuration.ts';
import type { Connection } from '../../configuration/connections.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Check } from './check.ts';
import { checkReachable, checkServiceBus, checkSink } from './check-reachable.ts';
import { checkIdentity } from './identity/check-identity.ts';
import { checkMessagingEntity } from './messaging/check-messaging-entity.ts';
import { messagingEntities } from './messaging/messaging-entities.ts';
import { registryChecks } from './registry/registry-checks.ts';
import type { ReadSettings } from './settings/read-settings.ts';
import { checkTable } from './tables/check-table.ts';
import { canaryValidity } from './vault/canary-validity.ts';
import { checkCanary } from './vault/check-canary.ts';
import { checkVault } from './vault/check-vault.ts';

export interface Ground {
  readonly settings: ReadSettings;
  readonly credentials: CredentialSource;
  /** Whether these are those of the app, and not those of a person. */
  readonly isManaged: boolean;
  readonly canary: boolean;
  readonly clock: Clock;
}

/** All checks that the settings allow, in the order in which they are shown; and what to close when they are done. */
export function checksFor(ground: Ground): { readonly checks: readonly Check[]; close(): Promise<void> } {
  const { configuration, serviceBus, records } = ground.settings;
  const bus = serviceBus && configuration ? openServiceBus(serviceBus, ground.credentials) : undefined;
  const tables = records && openTables(records, ground.credentials);
  const checks: Check[] = [
    ...(configuration ? identityChecks(configuration, ground) : []),
    ...(serviceBus ? [checkServiceBus(serviceBus)] : []),
    ...(bus && configuration ? entityChecks(bus, configuration, ground) : []),
    ...(tables ? tableChecks(tables, ground) : []),
    ...archiveChecks(ground),
    ...ground.settings.sinks.flatMap(({ name, url }) => (url ? [checkSink(name, url)] : [])),
    ...(configuration ? registryChecks(configuration, tables, ground) : []),
    ...(configuration ? vaultChecks(configuration, ground) : []),
  ];
  return { checks, close: async () => bus?.close() };
}

function identityChecks(configuration: Configuration, ground: Ground): Check[] {
  const { settings, credentials, isManaged, clock } = ground;
  const { identity, cloud } = configuration;
  const ofConnections = [settings.serviceBus, settings.records].flatMap((connection) =>
    connection?.kind === 'identity' ? [connection.clientId] : [],
  );
  const clientIds = [
    identity.clientId,
    ...ofConnections,
    ...(settings.archive ? [settings.archive.clientId] : []),
  ];
  const distinct = isManaged ? [...new Set(clientIds.map((id) => id?.toLowerCase()))] : [undefined];
  return distinct.map((clientId) =>
    checkIdentity(
      {
        clientId,
        credential: credentials.of(clientId),
        scope: cloud.armScope,
        isManaged,
        configured: identity,
      },
      clock,
    ),
  );
}

function openServiceBus(connection: Connection, credentials: CredentialSource): ServiceBusClient {
  const retryOptions = { maxRetries: 0, timeoutInMs: 10_000 };
  return connection.kind === 'identity'
    ? new ServiceBusClient(connection.endpoint, credentials.of(connection.clientId), { retryOptions })
    : new ServiceBusClient(connection.connectionString, { retryOptions });
}

function entityChecks(
  bus: ServiceBusClient,
  configuration: Configuration,
  { settings, clock }: Ground,
): Check[] {
  return messagingEntities(configuration, settings.archive !== undefined).map((entity) =>
    checkMessagingEntity(entity, bus, clock),
  );
}

function openTables(records: Connection, credentials: CredentialSource): RecordTables {
  return openRecordTables(
    records.kind === 'identity' ? { ...records, credential: credentials.of(records.clientId) } : records,
  );
}

function tableChecks(tables: RecordTables, { clock }: Ground): Check[] {
  const url = tables.records.url;
  const remedy = 'Open the way there, or correct `Records__tableServiceUri`.';
  return [
    checkReachable({ kind: 'table service', name: new URL(url).host }, `${url}/Tables`, clock, remedy),
    ...Object.values(tables).map((table) => checkTable(table, clock)),
  ];
}

/** To add a blob is all that Keyturn may do there, and has an effect: whether it may, the first event shows. */
function archiveChecks({ settings: { archive }, clock }: Ground): Check[] {
  if (!archive) return [];
  const remedy = 'Open the way there, or correct `Archive__blobServiceUri`.';
  const subject = { kind: 'archive', name: new URL(archive.endpoint).host };
  return [checkReachable(subject, archive.endpoint, clock, remedy)];
}

function vaultChecks(configuration: Configuration, { clock, credentials, canary }: Ground): Check[] {
  const { vaults, identity, cloud } = configuration;
  const credential = credentials.of(identity.clientId);
  const verifyChallenge = cloud.verifyVaultChallenge;
  return [...vaults.values()].flatMap((vault) => {
    const { name, url } = vault;
    const store = new KeyVaultSecrets({ vault: name, url, credential, verifyChallenge, clock });
    const validity = canaryValidity(configuration, name);
    return [
      checkVault({ vault, store, credential, verifyChallenge, clock }),
      ...(canary && validity !== undefined ? [checkCanary({ vault: name, store, validity, clock })] : []),
    ];
  });
}
