import { z } from 'zod';
import type { ContainerRegistry } from '../container-registry.ts';
import { type Answer, parseBody, type RegistryRequest, type ResourceRequest } from './resource-request.ts';
import { ServiceError } from './service-error.ts';

const changeSchema = z.object({
  properties: z
    .strictObject({
      adminUserEnabled: z.boolean().optional(),
      anonymousPullEnabled: z.boolean().optional(),
    })
    .optional(),
});
const regenerateSchema = z.object({ name: z.enum(['password', 'password2']) });

export function readRegistry(request: RegistryRequest): Answer {
  return { status: 200, body: registryBody(request, request.registry) };
}

/** The registries of the subscription, or of the resource group in the path. */
export function listRegistries(request: ResourceRequest): Answer {
  const group = request.resourceGroup?.toLowerCase();
  const registries = request.store.registries.filter(
    ({ resourceGroup }) => group === undefined || resourceGroup.toLowerCase() === group,
  );
  return { status: 200, body: { value: registries.map((registry) => registryBody(request, registry)) } };
}

/** Switches the admin user or anonymous pull on or off; nothing else of a registry can be changed here. */
export function patchRegistry(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const changes = parseBody(changeSchema, request.body).properties ?? {};
  const { adminUserEnabled, anonymousPullEnabled } = changes;
  if (anonymousPullEnabled && registry.config.sku === 'Basic')
    throw new ServiceError(
      'service',
      400,
      'AnonymousPullNotSupported',
      'Anonymous pull needs a registry of the tier Standard or Premium.',
    );
  if (adminUserEnabled === false) registry.adminUser = undefined;
  if (adminUserEnabled) registry.adminUser ??= store.newAdminUser();
  if (anonymousPullEnabled !== undefined) registry.anonymousPullEnabled = anonymousPullEnabled;
  return { status: 200, body: registryBody(request, registry), changed: registry.id };
}

export function listCredentials({ registry }: RegistryRequest): Answer {
  return { status: 200, body: adminCredentials(registry), changed: registry.id };
}

export function regenerateCredential(request: RegistryRequest): Answer {
  const { registry, store } = request;
  const { name } = parseBody(regenerateSchema, request.body);
  if (registry.adminUser) registry.adminUser[name] = store.newPassword();
  return { status: 200, body: adminCredentials(registry), changed: registry.id };
}

function adminCredentials(registry: ContainerRegistry): unknown {
  const { adminUser } = registry;
  if (!adminUser)
    throw new ServiceError(
      'service',
      400,
      'UnAuthorizedForCredentialOperations',
      `Cannot perform credential operations for ${registry.id} as admin user is disabled. Kindly enable admin user as per docs: https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account`,
    );
  return {
    username: registry.name,
    passwords: [
      { name: 'password', value: adminUser.password },
      { name: 'password2', value: adminUser.password2 },
    ],
  };
}

function registryBody({ store }: ResourceRequest, registry: ContainerRegistry): unknown {
  const { sku } = registry.config;
  return {
    sku: { name: sku, tier: sku },
    type: 'Microsoft.ContainerRegistry/registries',
    id: registry.id,
    name: registry.name,
    location: store.config.location,
    tags: {},
    properties: {
      loginServer: registry.loginServer,
      creationDate: registry.creationDate.replace('+00:00', 'Z'),
      provisioningState: 'Succeeded',
      adminUserEnabled: registry.adminUser !== undefined,
      dataEndpointEnabled: false,
      dataEndpointHostNames: [],
      privateEndpointConnections: [],
      publicNetworkAccess: 'Enabled',
      networkRuleBypassOptions: 'AzureServices',
      zoneRedundancy: 'Disabled',
      anonymousPullEnabled: registry.anonymousPullEnabled,
    },
  };
}
