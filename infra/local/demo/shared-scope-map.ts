import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { ManagedIdentityCredential } from '@azure/identity';

export interface ScopeMapOptions {
  readonly armEndpoint: string;
  /** ARM id of the registry. */
  readonly registryId: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Makes a scope map with the official client, as the operator: the identity that clients get without naming one. */
export async function createSharedScopeMap(options: ScopeMapOptions): Promise<void> {
  const { armEndpoint, registryId, name, actions } = options;
  const [, , subscriptionId = '', , resourceGroup = '', , , , registryName = ''] = registryId.split('/');
  const client = new ContainerRegistryManagementClient(new ManagedIdentityCredential(), subscriptionId, {
    endpoint: armEndpoint,
    credentials: { scopes: ['https://management.azure.com/.default'] },
  });
  await client.scopeMaps.create(resourceGroup, registryName, name, { actions: [...actions] });
}
