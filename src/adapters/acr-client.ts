import {
  ContainerRegistryManagementClient,
  type ContainerRegistryManagementClientOptionalParams,
} from '@azure/arm-containerregistry';
import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../ports/clock.ts';
import { newOwnRequestId } from './own-request-id.ts';
import { sendDeadline } from './send-deadline.ts';

/** A registry's place in Azure Resource Manager. */
export interface RegistryAddress {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly registry: string;
}

export interface ResourceManager {
  /** Of the cloud: `https://management.azure.com`. */
  readonly endpoint: string;
  /** What access tokens are asked for; the same whatever the endpoint. */
  readonly scope: string;
}

type AdditionalPolicy = NonNullable<
  ContainerRegistryManagementClientOptionalParams['additionalPolicies']
>[number]['policy'];

const parts =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerRegistry\/registries\/([^/]+)$/i;

/** @throws Error if it is no registry's resource id; the configuration has checked that. */
export function registryAddress(resourceId: string): RegistryAddress {
  const [, subscriptionId, resourceGroup, registry] = parts.exec(resourceId) ?? [];
  if (!subscriptionId || !resourceGroup || !registry)
    throw new Error('The resource id of a registry is not one.');
  return { subscriptionId, resourceGroup, registry };
}

const ownRequestId: AdditionalPolicy = {
  name: 'keyturnRequestId',
  sendRequest: (request, next) => {
    request.headers.set('x-ms-client-request-id', newOwnRequestId());
    return next(request);
  },
};

/**
 * The client of the control plane. It never repeats a request by itself: a repeated `generateCredentials` would make
 * two passwords, and a repeated PUT of a token could wipe those made in between. Its requests carry ids of ours.
 */
export function acrClient(
  { subscriptionId }: RegistryAddress,
  credential: TokenCredential,
  { endpoint, scope }: ResourceManager,
  clock: Clock,
): ContainerRegistryManagementClient {
  return new ContainerRegistryManagementClient(credential, subscriptionId, {
    endpoint,
    credentials: { scopes: [scope] },
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: ownRequestId, position: 'perCall' }, sendDeadline('registry', clock)],
  });
}
