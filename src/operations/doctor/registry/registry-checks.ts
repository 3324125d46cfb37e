import { AcrControlPlane } from '../../../adapters/acr-control-plane.ts';
import type { CredentialSource } from '../../../adapters/azure-credential.ts';
import { newOwnRequestId } from '../../../adapters/own-request-id.ts';
import type { RecordTables } from '../../../adapters/record-tables.ts';
import type { Configuration, Registry } from '../../../configuration/configuration.ts';
import type { Connection } from '../../../configuration/connections.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Asker } from '../ask.ts';
import type { Check } from '../check.ts';
import { checkResourceManager } from '../check-reachable.ts';
import { checkEventCoverage } from './check-event-coverage.ts';
import { checkLoginServer } from './check-login-server.ts';
import { checkRegistry } from './check-registry.ts';
import { readReportEvidence } from './report-evidence.ts';

export interface RegistryChecksOptions {
  readonly settings: { readonly serviceBus: Connection | undefined };
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}

/** Azure Resource Manager, and for each registry: what it is, what may be done there, its reports, its login server. */
export function registryChecks(
  { registries, cloud, identity, messaging }: Configuration,
  tables: Pick<RecordTables, 'findings'> | undefined,
  { settings, credentials, clock }: RegistryChecksOptions,
): Check[] {
  const { armEndpoint: endpoint, armScope: scope } = cloud;
  const credential = credentials.of(identity.clientId);
  const headers = () => ({ 'x-ms-client-request-id': newOwnRequestId() });
  const resourceManager: Asker = { service: 'registry', credential, scope, clock, headers };
  const namespace = namespaceOf(settings.serviceBus);
  const checksOf = (registry: Registry): Check[] => {
    const { resourceId, name } = registry;
    const port = new AcrControlPlane({
      resourceId,
      credential,
      resourceManager: { endpoint, scope },
      clock,
    });
    const events = checkEventCoverage({
      registry: name,
      wanted: { registryId: resourceId, queue: messaging.registryActivityQueue, namespace },
      resourceManager,
      endpoint,
      evidence: async (signal) => tables && readReportEvidence(name, tables.findings, clock, signal),
    });
    return [
      checkRegistry(registry, port, resourceManager, endpoint),
      events,
      checkLoginServer(registry, clock),
    ];
  };
  return [checkResourceManager(endpoint, clock), ...[...registries.values()].flatMap(checksOf)];
}

/** Its name in Azure, which an emulator's host does not have. */
export function namespaceOf(connection: Connection | undefined): string | undefined {
  if (connection?.kind !== 'identity') return undefined;
  return /^([a-z][a-z0-9-]+)\.servicebus\./i.exec(connection.endpoint)?.[1];
}
