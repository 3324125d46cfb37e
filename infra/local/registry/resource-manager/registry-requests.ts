import { z } from 'zod';
import type { ContainerRegistry } from '../container-registry.ts';
import { type Answer, parseBody, type RegistryRequest, type ResourceRequest } from './resource-request.ts';
import { ServiceError } from './service-error.ts';

/** What of a registry can be written. */
export const registryPropertiesSchema = z.strictObject({
  adminUserEnabled: z.boolean().optional(),
  anonymousPullEnabled: z.boolean().optional(),
});
const changeSchema = z.object({ properties: registryPropertiesSchema.optional() });
const regenerateSchema = z.object({ name: z.enum(['password', 'password2']) });

export function readRegistry(request: RegistryRequest): Answer {
  return { status: 200, body: registryBody(request, request.registry) };
}

/** The registries of the subscription, or of the resource group in the path. */
export function listRegistries(request: ResourceRequest): Answer {
  const group = request.resourceGroup?.toLowerCase();
  const registries = request.store.registries.filter(
    ({ exists, resourceGroup }) => exists && (group === undefined || resourceGroup.toLowerCase() === group),
  );
  return { status: 200, body: { value: registries.map((registry) => registryBody(request, registry)) } };
}

/** Switches the admin user or anonymous pull on or off; nothing else of a registry can be changed here. */
export function patchRegistry(request: RegistryRequest): Answer {
  writeProperties(request, parseBody(changeSchema, request.body).properties ?? {});
  return { status: 200, body: registryBody(request, request.registry), changed: request.registry.id };
}

/** Changes what is given. @throws ServiceError when its tier does not have anonymous pull; nothing is changed then. */
export function writeProperties(
  { registry, store }: RegistryRequest,
  { adminUserEnabled, anonymousPullEnabled }: z.output<typeof registryPropertiesSchema>,
): void {
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

export function registryBody({ store }: ResourceRequest, registry: ContainerRegistry): unknown {
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
