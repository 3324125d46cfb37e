import type { Configuration, Registry } from '../configuration/configuration.ts';
import type { LifecycleInput } from '../lifecycle/activity-calls.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';

/** @throws Error if the registry is not, or no longer, configured. */
export function registrySettings({ registries }: Configuration, registry: string): Registry {
  const settings = registries.get(registry);
  if (!settings) throw new Error('The registry is not configured.');
  return settings;
}

/** Where the record of a token is. @throws Error if its registry is not configured. */
export function identityOf(
  configuration: Configuration,
  { registry, token }: Pick<LifecycleInput, keyof LifecycleInput>,
): TokenIdentity {
  const { name, loginServer } = registrySettings(configuration, registry);
  return { registry: name, loginServer, token };
}
