import type { ContainerRegistry } from '../container-registry.ts';
import type { ScopeMap } from '../scope-map.ts';
import { parseScopeMapAction } from '../scope-map-actions.ts';
import { ServiceError } from './service-error.ts';

const mostActions = 500;

/** @throws ServiceError when Azure would refuse the name. */
export function checkScopeMapName(name: string): void {
  if (/^[a-zA-Z0-9_-]{5,50}$/.test(name)) return;
  throw new ServiceError(
    'service',
    400,
    'InvalidResourceName',
    `The scope map name '${name}' is invalid. It must have 5 to 50 letters, digits, hyphens or underscores.`,
  );
}

/** @throws ServiceError when an action is none, or there are more than 500. */
export function checkActions(actions: readonly string[]): void {
  const invalid = actions.find((action) => !parseScopeMapAction(action));
  if (invalid !== undefined)
    throw new ServiceError(
      'service',
      400,
      'InvalidScopeMapAction',
      `Scope map action: '${invalid}' is invalid or not supported. Supported format is <resource type>/<resource name>/<resource action>, all characters should be in lowercase. Please refer to the ACR Scopemap documentation at https://aka.ms/acr/repo-permissions to find the supported resources and actions.`,
    );
  if (actions.length > mostActions)
    throw new ServiceError(
      'service',
      400,
      'QuotaExceeded',
      `A scope map can have at most ${mostActions} actions.`,
    );
}

/** @throws ServiceError when the scope map is one of the system's. */
export function refuseSystemDefined(map: ScopeMap): void {
  if (map.type !== 'SystemDefined') return;
  throw new ServiceError(
    'service',
    400,
    'SystemScopeMapReadOnly',
    `The scope map ${map.name} is defined by the system and cannot be changed or deleted.`,
  );
}

/** @throws ServiceError when a token uses the scope map. */
export function refuseUsed(registry: ContainerRegistry, map: ScopeMap): void {
  for (const token of registry.tokens.values())
    if (token.scopeMap.toLowerCase() === map.name.toLowerCase())
      throw new ServiceError(
        'service',
        409,
        'ScopeMapInUse',
        `The scope map ${map.name} is used by the token ${token.name}.`,
      );
}

export function tooManyScopeMaps(registry: ContainerRegistry): ServiceError {
  return new ServiceError(
    'service',
    400,
    'QuotaExceeded',
    `The registry ${registry.name} has the most scope maps that its tier ${registry.sku} allows: ${registry.mostResources}.`,
  );
}
