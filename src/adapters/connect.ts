import type { Configuration } from '../configuration/configuration.ts';
import {
  archiveConnection,
  type Connection,
  recordsConnection,
  serviceBusConnection,
} from '../configuration/connections.ts';
import type { AlertStore } from '../ports/alert-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeniedCommands } from '../ports/denied-commands.ts';
import type { EventArchive } from '../ports/event-archive.ts';
import type { Findings } from '../ports/findings.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { LoginServer } from '../ports/login-server.ts';
import type { RegistryFindings } from '../ports/registry-findings.ts';
import type { RegistryNotes } from '../ports/registry-notes.ts';
import type { RequestIndex } from '../ports/request-index.ts';
import type { InventoryRetention, RecordRetention, RequestRetention } from '../ports/retention.ts';
import type { RotationProgressStore } from '../ports/rotation-progress.ts';
import type { SecretStore } from '../ports/secret-store.ts';
import type { TokenLeases } from '../ports/token-leases.ts';
import type { TokenRecords } from '../ports/token-records.ts';
import type { TokenRegistry } from '../ports/token-registry.ts';
import type { Webhook } from '../ports/webhook.ts';
import { AcrControlPlane } from './acr-control-plane.ts';
import { AcrLoginServer } from './acr-login-server.ts';
import { AlertStoreTable } from './alert-store-table.ts';
import { AzureCredentials, type CredentialSource } from './azure-credential.ts';
import { DeniedCommandsTable } from './denied-commands-table.ts';
import { EventArchiveBlobs } from './event-archive-blobs.ts';
import { FindingsTable } from './findings-table.ts';
import { HttpsWebhook } from './https-webhook.ts';
import { InventoryRetentionTable } from './inventory-retention-table.ts';
import { InventoryTable } from './inventory-table.ts';
import { KeyVaultSecrets } from './key-vault-secrets.ts';
import { RecordRetentionTable } from './record-retention-table.ts';
import { openRecordTables } from './record-tables.ts';
import { RegistryFindingsTable } from './registry-findings-table.ts';
import { RegistryNotesTable } from './registry-notes-table.ts';
import { RequestIndexTable } from './request-index-table.ts';
import { RequestRetentionTable } from './request-retention-table.ts';
import { RotationProgressTable } from './rotation-progress-table.ts';
import { ServiceBusMessages } from './service-bus-sender.ts';
import { TokenLeasesTable } from './token-leases-table.ts';
import { TokenRecordsTable } from './token-records-table.ts';

/** Every door to the outside, by the names of the configuration. */
export interface Ports {
  readonly clock: Clock;
  readonly registries: ReadonlyMap<string, TokenRegistry>;
  readonly loginServers: ReadonlyMap<string, LoginServer>;
  readonly vaults: ReadonlyMap<string, SecretStore>;
  readonly records: TokenRecords;
  readonly denied: DeniedCommands;
  readonly leases: TokenLeases;
  readonly inventory: Inventory;
  readonly requests: RequestIndex;
  readonly findings: Findings;
  readonly rotationProgress: RotationProgressStore;
  readonly registryFindings: RegistryFindings;
  readonly notes: RegistryNotes;
  readonly retention: {
    readonly records: RecordRetention;
    readonly requests: RequestRetention;
    readonly inventory: InventoryRetention;
  };
  readonly alerts: AlertStore;
  readonly webhook: Webhook;
  readonly messages: ServiceBusMessages;
  /** Undefined: there is no archive of events. */
  readonly archive: EventArchive | undefined;
  close(): Promise<void>;
}

/**
 * Makes all ports for a configuration and the app's settings. Nothing is asked of anybody yet.
 *
 * @param credentials whose, unless the app's own
 * @throws ConfigurationError that names a missing setting
 */
export function connect(
  configuration: Configuration,
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  credentials: CredentialSource = new AzureCredentials(),
): Ports {
  const { cloud, identity, messaging } = configuration;
  const credential = credentials.of(identity.clientId);
  const tables = openRecordTables(
    withCredential(recordsConnection(environment, cloud.storageSuffix), credentials),
  );
  const archive = archiveConnection(environment);
  const bus = withCredential(serviceBusConnection(environment), credentials);
  const messages = new ServiceBusMessages({
    connection: bus.kind === 'identity' ? { ...bus, namespace: bus.endpoint } : bus,
    eventsTopic: messaging.eventsTopic,
    rejectedQueue: messaging.rejectedQueue,
    clock,
  });
  const resourceManager = { endpoint: cloud.armEndpoint, scope: cloud.armScope };
  const { registries, vaults } = configuration;
  return {
    clock,
    registries: eachOf(
      registries,
      ({ resourceId }) => new AcrControlPlane({ resourceId, credential, resourceManager, clock }),
    ),
    loginServers: eachOf(registries, ({ loginServer }) => new AcrLoginServer({ loginServer, clock })),
    vaults: eachOf(vaults, ({ name, url }) => {
      const verifyChallenge = cloud.verifyVaultChallenge;
      return new KeyVaultSecrets({ vault: name, url, credential, verifyChallenge, clock });
    }),
    records: new TokenRecordsTable(tables.records, clock),
    denied: new DeniedCommandsTable(tables.records, clock),
    leases: new TokenLeasesTable(tables.records, clock),
    inventory: new InventoryTable(tables.inventory, clock),
    requests: new RequestIndexTable(tables.requests, clock),
    findings: new FindingsTable(tables.findings, clock),
    rotationProgress: new RotationProgressTable(tables.schedules, clock),
    registryFindings: new RegistryFindingsTable(tables.findings, clock),
    notes: new RegistryNotesTable(tables.findings, clock),
    retention: {
      records: new RecordRetentionTable(tables.records, clock),
      requests: new RequestRetentionTable(tables.requests, clock),
      inventory: new InventoryRetentionTable(tables.inventory, clock),
    },
    alerts: new AlertStoreTable(tables.alerts, clock),
    webhook: new HttpsWebhook(),
    messages,
    archive:
      archive &&
      new EventArchiveBlobs({
        endpoint: archive.endpoint,
        container: messaging.eventsTopic,
        credential: credentials.of(archive.clientId),
        clock,
      }),
    close: () => messages.close(),
  };
}

function withCredential(connection: Connection, credentials: CredentialSource) {
  return connection.kind === 'identity'
    ? { ...connection, credential: credentials.of(connection.clientId) }
    : connection;
}

function eachOf<Configured, Port>(
  configured: ReadonlyMap<string, Configured>,
  open: (configured: Configured) => Port,
): Map<string, Port> {
  return new Map([...configured].map(([name, value]) => [name, open(value)]));
}
