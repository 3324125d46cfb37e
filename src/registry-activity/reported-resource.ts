/** What a resource id points to: a registry, or something of its in the registry. */
export interface ReportedResource {
  /** In lower case. */
  readonly registryId: string;
  readonly token: string | undefined;
  readonly scopeMap: string | undefined;
}

const registryPattern =
  /^\/subscriptions\/[^/]{1,64}\/resourceGroups\/[^/]{1,90}\/providers\/Microsoft\.ContainerRegistry\/registries\/[a-z0-9-]{1,50}(?=\/|$)/i;
const childPattern = /^\/(tokens|scopeMaps)\/([a-z0-9_-]{1,64})$/i;

/** Reads a resource id, whatever its case; `undefined` when it is not in a container registry. */
export function reportedResource(id: string): ReportedResource | undefined {
  const registry = registryPattern.exec(id)?.[0];
  if (registry === undefined) return undefined;
  const [, type, name] = childPattern.exec(id.slice(registry.length)) ?? [];
  return {
    registryId: registry.toLowerCase(),
    token: type?.toLowerCase() === 'tokens' ? name : undefined,
    scopeMap: type?.toLowerCase() === 'scopemaps' ? name : undefined,
  };
}
