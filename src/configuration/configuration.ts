import type { Duration } from '../contracts/durations.ts';
import type { Policy } from '../policy/policy-document.ts';
import { type Profile, standardProfiles } from '../policy/profile.ts';
import type { ConfigurationDocument } from './configuration-document.ts';
import type { RotationSchedule } from './rotation-schedules-document.ts';

export interface Registry {
  /** As messages call it. */
  readonly name: string;
  readonly resourceId: string;
  readonly loginServer: string;
  /** How long a password takes to be accepted everywhere: the first one of a slot, and a regenerated one. */
  readonly settleAfter: { readonly firstPassword: Duration; readonly regenerated: Duration };
  readonly verification: 'login' | 'wait';
  /** What is no finding there. */
  readonly accepted: ConfigurationDocument['registries'][string]['accepted'];
  /** Patterns of the names of tokens that others manage. */
  readonly ignoredTokens: readonly string[];
}

export interface Vault {
  readonly name: string;
  readonly url: string;
  readonly longestValidity: Duration | undefined;
}

export interface Entrance {
  readonly name: string;
  readonly queue: string;
  readonly urgentQueue: string | undefined;
  readonly policy: Policy;
}

/** Everything that was configured, with all that follows from it filled in. Looked up by name. */
export interface Configuration {
  readonly registries: ReadonlyMap<string, Registry>;
  readonly vaults: ReadonlyMap<string, Vault>;
  readonly entrances: ReadonlyMap<string, Entrance>;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly messaging: ConfigurationDocument['messaging'];
  readonly reconcile: ConfigurationDocument['reconcile'];
  readonly rotation: ConfigurationDocument['rotation'];
  readonly rotationSchedules: ReadonlyMap<string, RotationSchedule>;
  readonly metrics: ConfigurationDocument['metrics'];
  readonly alerting: ConfigurationDocument['alerting'];
  readonly lease: ConfigurationDocument['lease'];
  readonly retention: ConfigurationDocument['retention'];
  readonly http: ConfigurationDocument['http'];
  readonly identity: ConfigurationDocument['identity'];
  readonly cloud: ConfigurationDocument['cloud'];
}

export function configurationOf(document: ConfigurationDocument): Configuration {
  const {
    registries,
    vaults,
    entrances,
    profiles,
    messaging,
    reconcile,
    rotation,
    rotationSchedules,
    metrics,
    alerting,
    lease,
    retention,
    http,
    identity,
    cloud,
  } = document;
  return {
    registries: byName(registries, (name, registry) => registryOf(name, registry, cloud.registrySuffix)),
    vaults: byName(vaults, (name, { url, longestValidity }) => ({
      name,
      url: url ?? `https://${name}.${cloud.vaultSuffix}`,
      longestValidity,
    })),
    entrances: byName(entrances, (name, { queue, urgentQueue, policy }) => ({
      name,
      queue: queue ?? name,
      urgentQueue,
      policy,
    })),
    profiles: new Map(Object.entries({ ...standardProfiles, ...profiles })),
    messaging,
    reconcile,
    rotation,
    rotationSchedules: byName(rotationSchedules, (name, schedule) => ({ name, ...schedule })),
    metrics,
    alerting,
    lease,
    retention,
    http,
    identity,
    cloud,
  };
}

/**
 * A first password works at once where there is one replica; a regenerated one takes up to a minute. How long
 * replicas take is not documented. Source: Azure Container Registry documentation on tokens.
 */
function registryOf(
  name: string,
  {
    resourceId,
    loginServer,
    replicas,
    settleAfter,
    verification,
    accepted,
    ignoredTokens,
  }: ConfigurationDocument['registries'][string],
  suffix: string,
): Registry {
  const regenerated = settleAfter ?? (replicas ? 'PT300S' : 'PT90S');
  return {
    name,
    resourceId,
    loginServer: loginServer ?? `${resourceId.split('/').at(-1)}.${suffix}`.toLowerCase(),
    settleAfter: { firstPassword: replicas ? regenerated : 'PT0S', regenerated },
    verification,
    accepted,
    ignoredTokens,
  };
}

function byName<Written, Value>(
  written: Readonly<Record<string, Written>>,
  complete: (name: string, value: Written) => Value,
): Map<string, Value> {
  return new Map(Object.entries(written).map(([name, value]) => [name, complete(name, value)]));
}
