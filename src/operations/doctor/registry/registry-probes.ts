import type { Probe } from '../rights.ts';

const registries = 'Microsoft.ContainerRegistry/registries';

/** The resource provider's version: one that all of Azure's clouds have. */
const version = 'api-version=2023-07-01';

/**
 * One harmless request for each action of the role that Keyturn has at a registry. All are about a token and a scope map of
 * a name that nobody has, and change nothing should somebody have it.
 *
 * @param registryUrl the registry's resource id at the address of Azure Resource Manager
 * @param name of no token and no scope map
 * @param operation of no long-running operation
 */
export function registryProbes(
  registryUrl: string,
  resourceId: string,
  name: string,
  operation: string,
): Probe[] {
  const at = (path: string) => `${registryUrl}${path}?${version}`;
  const token = `/tokens/${name}`;
  const scopeMap = `/scopeMaps/${name}`;
  const status = `/operationStatuses/token-${operation}`;
  return [
    { action: `${registries}/read`, method: 'GET', url: at('') },
    { action: `${registries}/operationStatuses/read`, method: 'GET', url: at(status) },
    { action: `${registries}/scopeMaps/read`, method: 'GET', url: at(scopeMap) },
    { action: `${registries}/scopeMaps/write`, method: 'PATCH', url: at(scopeMap), body: {} },
    { action: `${registries}/scopeMaps/delete`, method: 'DELETE', url: at(scopeMap) },
    {
      action: `${registries}/scopeMaps/operationStatuses/read`,
      method: 'GET',
      url: at(`${scopeMap}${status}`),
    },
    { action: `${registries}/tokens/read`, method: 'GET', url: at(token) },
    { action: `${registries}/tokens/write`, method: 'PATCH', url: at(token), body: {} },
    { action: `${registries}/tokens/delete`, method: 'DELETE', url: at(token) },
    { action: `${registries}/tokens/operationStatuses/read`, method: 'GET', url: at(`${token}${status}`) },
    {
      action: `${registries}/generateCredentials/action`,
      method: 'POST',
      url: at('/generateCredentials'),
      body: { tokenId: `${resourceId}${token}`, name: 'password1' },
    },
  ];
}
