import type { ContainerRegistry } from '../container-registry.ts';
import type { RegistryStore } from '../registry-store.ts';
import type { ResourcePath } from './resource-path.ts';
import type { ResourceRequest } from './resource-request.ts';
import { ServiceError } from './service-error.ts';

/**
 * The registry that the first name in the path names.
 * @throws ServiceError when its resource group or the registry does not exist.
 */
export function findRegistry(request: ResourceRequest, method: string): ContainerRegistry {
  const registry = findConfigured(request);
  if (registry?.exists) return registry;
  const [name = ''] = request.names;
  if (method === 'PUT')
    throw new ServiceError(
      'gateway',
      404,
      'ParentResourceNotFound',
      `Can not perform requested operation on nested resource. Parent resource '${name}' not found.`,
    );
  throw new ServiceError(
    'gateway',
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.ContainerRegistry/registries/${name}' under resource group '${request.resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

/**
 * The registry of the configuration that the first name in the path names, also when it was deleted.
 * @throws ServiceError when its resource group does not exist.
 */
export function findConfigured({
  store,
  resourceGroup,
  names,
}: ResourceRequest): ContainerRegistry | undefined {
  const group = store.registries.filter(
    (registry) => registry.resourceGroup.toLowerCase() === resourceGroup?.toLowerCase(),
  );
  if (group.length === 0)
    throw new ServiceError(
      'gateway',
      404,
      'ResourceGroupNotFound',
      `Resource group '${resourceGroup}' could not be found.`,
    );
  const [name = ''] = names;
  return group.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

/** @throws ServiceError when the path is not in the subscription of the local cloud. */
export function checkSubscription({ subscriptionId }: ResourcePath, store: RegistryStore): void {
  if (subscriptionId.toLowerCase() === store.config.subscriptionId.toLowerCase()) return;
  throw new ServiceError(
    'gateway',
    404,
    'SubscriptionNotFound',
    `The subscription '${subscriptionId}' could not be found.`,
  );
}
