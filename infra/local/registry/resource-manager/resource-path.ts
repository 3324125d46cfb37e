import { ServiceError } from './service-error.ts';

/** Where an Azure Resource Manager request points, below one of the providers that the local cloud has. */
export interface ResourcePath {
  readonly subscriptionId: string;
  readonly resourceGroup: string | undefined;
  /** Of the resource provider: `Microsoft.ContainerRegistry`. */
  readonly namespace: Namespace;
  /** Types in lower case, with a star in the place of each name. */
  readonly pattern: string;
  /** As they were written, decoded. */
  readonly names: readonly string[];
}

const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const namespaces = ['Microsoft.ContainerRegistry', 'Microsoft.EventGrid'] as const;

export type Namespace = (typeof namespaces)[number];

/**
 * Reads a path such as `/subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerRegistry/registries/…`.
 * Everything but the names of resources compares case-insensitively.
 * @throws ServiceError as Azure Resource Manager refuses other paths.
 */
export function parseResourcePath(path: string): ResourcePath {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => decodeSegment(segment, path));
  if (segments.shift()?.toLowerCase() !== 'subscriptions') throw noSuchResource(path);
  const subscriptionId = segments.shift() ?? '';
  if (!guidPattern.test(subscriptionId)) throw invalidSubscription(subscriptionId);
  let resourceGroup: string | undefined;
  if (segments[0]?.toLowerCase() === 'resourcegroups') resourceGroup = segments.splice(0, 2)[1];
  if (segments.shift()?.toLowerCase() !== 'providers') throw noSuchResource(path);
  const asked = segments.shift() ?? '';
  const namespace = namespaces.find((known) => known.toLowerCase() === asked.toLowerCase());
  if (!namespace) throw invalidNamespace(asked);
  return {
    subscriptionId,
    resourceGroup,
    namespace,
    pattern: segments.map((segment, index) => (index % 2 ? '*' : segment.toLowerCase())).join('/'),
    names: segments.filter((_, index) => index % 2),
  };
}

/** The last name in a resource id, if it is of this type in this parent: `scopeMaps` in a registry's id. */
export function nameOfChild(id: string, parentId: string, type: string): string | undefined {
  const prefix = `${parentId}/${type}/`;
  const name = id.slice(prefix.length);
  const isChild = id.toLowerCase().startsWith(prefix.toLowerCase());
  return isChild && name !== '' && !name.includes('/') ? name : undefined;
}

function decodeSegment(segment: string, path: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ServiceError(
      'gateway',
      400,
      'InvalidRequestUri',
      `The request uri '${path}' is invalid: '${segment}' is not percent-encoded text.`,
    );
  }
}

function noSuchResource(path: string): ServiceError {
  return new ServiceError(
    'gateway',
    404,
    'NotFound',
    `No HTTP resource was found that matches the request URI '${path}'.`,
  );
}

function invalidSubscription(subscriptionId: string): ServiceError {
  return new ServiceError(
    'gateway',
    400,
    'InvalidSubscriptionId',
    `The provided subscription identifier '${subscriptionId}' is malformed or invalid.`,
  );
}

function invalidNamespace(namespace: string): ServiceError {
  return new ServiceError(
    'gateway',
    404,
    'InvalidResourceNamespace',
    `The resource namespace '${namespace}' is invalid.`,
  );
}
