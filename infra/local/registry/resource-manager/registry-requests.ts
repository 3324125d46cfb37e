import { z } from 'zod';
import type { ContainerRegistry, NetworkRules, Tier } from '../container-registry.ts';
import { tiers } from '../registry-config.ts';
import { type Answer, parseBody, type RegistryRequest, type ResourceRequest } from './resource-request.ts';
import { ServiceError } from './service-error.ts';

/** What of a registry can be written beside its tier. There are no rules for single addresses here. */
export const registryPropertiesSchema = z.strictObject({
  adminUserEnabled: z.boolean().optional(),
  anonymousPullEnabled: z.boolean().optional(),
  publicNetworkAccess: z.enum(['Enabled', 'Disabled']).optional(),
  networkRuleSet: z
    .strictObject({
      defaultAction: z.enum(['Allow', 'Deny']),
      ipRules: z.array(z.never()).optional(),
    })
    .optional(),
});

/** The tier, in any case, as Azure takes it. */
export const skuSchema = z.object({
  name: z.string().transform((name, context): Tier => {
    const tier = tiers.find((each) => each.toLowerCase() === name.toLowerCase());
    if (tier) return tier;
    context.addIssue('is not a tier of a registry');
    return z.NEVER;
  }),
});
const changeSchema = z.object({
  sku: skuSchema.optional(),
  properties: registryPropertiesSchema.optional(),
});
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

/** Changes the tier, the ways in, and from where it can be reached; nothing else of a registry can be changed here. */
export function patchRegistry(request: RegistryRequest): Answer {
  const { sku, properties } = parseBody(changeSchema, request.body);
  writeRegistry(request, sku?.name ?? request.registry.sku, properties ?? {});
  return { status: 200, body: registryBody(request, request.registry), changed: request.registry.id };
}

/** Changes what is given. @throws ServiceError when its tier does not have that; nothing is changed then. */
export function writeRegistry(
  { registry, store }: RegistryRequest,
  sku: Tier,
  properties: z.output<typeof registryPropertiesSchema>,
): void {
  const { adminUserEnabled, anonymousPullEnabled = registry.anonymousPullEnabled } = properties;
  const network = {
    publicNetworkAccess: properties.publicNetworkAccess ?? registry.network.publicNetworkAccess,
    defaultAction: properties.networkRuleSet?.defaultAction ?? registry.network.defaultAction,
  };
  checkTier(sku, anonymousPullEnabled, network);
  if (adminUserEnabled === false) registry.adminUser = undefined;
  if (adminUserEnabled) registry.adminUser ??= store.newAdminUser();
  Object.assign(registry, { anonymousPullEnabled, network, sku });
}

function checkTier(sku: Tier, anonymousPull: boolean, { publicNetworkAccess, defaultAction }: NetworkRules) {
  if (anonymousPull && sku === 'Basic')
    throw new ServiceError(
      'service',
      400,
      'AnonymousPullNotSupported',
      'Anonymous pull needs a registry of the tier Standard or Premium.',
    );
  if (sku !== 'Premium' && (publicNetworkAccess === 'Disabled' || defaultAction === 'Deny'))
    throw new ServiceError(
      'service',
      400,
      'NetworkRulesNotSupported',
      'To close a registry to networks needs the tier Premium.',
    );
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
  const { sku, network } = registry;
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
      publicNetworkAccess: network.publicNetworkAccess,
      ...(sku === 'Premium' ? { networkRuleSet: { defaultAction: network.defaultAction, ipRules: [] } } : {}),
      networkRuleBypassOptions: 'AzureServices',
      zoneRedundancy: 'Disabled',
      anonymousPullEnabled: registry.anonymousPullEnabled,
    },
  };
}
