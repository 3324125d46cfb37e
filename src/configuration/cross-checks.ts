import { type Duration, milliseconds } from '../contracts/durations.ts';
import { internalEntrance } from '../contracts/internal-commands.ts';
import { unmanagedTokens } from '../contracts/names.ts';
import type { Policy } from '../policy/policy-document.ts';
import type { Profile } from '../policy/profile.ts';
import type { Configuration, Entrance } from './configuration.ts';
import type { SeenEntrances } from './http-document.ts';

/** What can be wrong between the parts of a configuration. */
export const conflicts = {
  reservedName: 'is a name that Keyturn keeps for itself',
  sameRegistry: 'is the login server of another registry as well',
  sinkNamedTwice: 'is the name of another sink as well, in any case',
  queueUsedTwice: 'is used for something else as well',
  unknownRegistry: 'is not one of `registries`',
  unknownVault: 'is not one of `vaults`',
  unknownProfile: 'is not one of `profiles`, nor a standard profile',
  unknownEntrance: 'is not one of `entrances`, or the very entrance that the policy belongs to',
  boundsContradict: 'leaves no value, since the minimum is above the maximum',
  profileOutsideBounds: 'is a profile whose own values the bounds forbid',
  marginOverHalfOfLease: 'is more than half of the `length` of the lease',
  overlapOverHalfOfValidity: 'must be given, and at most half of the longest validity of the vault',
} as const;

export interface Conflict {
  readonly path: string;
  readonly violation: keyof typeof conflicts;
}

/** Everything that each part allows by itself, and that does not go together. */
export function* conflictsIn(configuration: Configuration): Generator<Conflict> {
  yield* registryConflicts(configuration);
  yield* queueConflicts(configuration);
  if (milliseconds(configuration.lease.margin) > milliseconds(configuration.lease.length) / 2)
    yield { path: 'lease.margin', violation: 'marginOverHalfOfLease' };
  for (const entrance of configuration.entrances.values()) {
    yield* referenceConflicts(entrance, configuration);
    yield* boundConflicts(entrance, configuration);
  }
  yield* httpConflicts(configuration);
  yield* rotationScheduleConflicts(configuration);
  yield* sinkConflicts(configuration);
}

function* registryConflicts({ registries }: Configuration): Generator<Conflict> {
  const taken = new Set<string>();
  for (const { name, loginServer } of registries.values()) {
    if (taken.has(loginServer)) yield { path: `registries.${name}`, violation: 'sameRegistry' };
    taken.add(loginServer);
  }
}

function* queueConflicts({ entrances, messaging }: Configuration): Generator<Conflict> {
  const queues = Object.entries(messaging).map(([key, queue]) => ({ path: `messaging.${key}`, queue }));
  for (const { name, queue, urgentQueue } of entrances.values()) {
    queues.push({ path: `entrances.${name}.queue`, queue });
    if (urgentQueue !== undefined) queues.push({ path: `entrances.${name}.urgentQueue`, queue: urgentQueue });
  }
  const taken = new Set<string>();
  for (const { path, queue } of queues) {
    if (taken.has(queue)) yield { path, violation: 'queueUsedTwice' };
    taken.add(queue);
  }
}

function* referenceConflicts({ name, policy }: Entrance, configuration: Configuration): Generator<Conflict> {
  const { registries, vaults, entrances, profiles } = configuration;
  const path = `entrances.${name}.policy`;
  if (name === internalEntrance || name === unmanagedTokens)
    yield { path: `entrances.${name}`, violation: 'reservedName' };
  for (const [index, registry] of policy.registries.entries())
    if (!registries.has(registry))
      yield { path: `${path}.registries[${index}]`, violation: 'unknownRegistry' };
  if (!vaults.has(policy.vault)) yield { path: `${path}.vault`, violation: 'unknownVault' };
  for (const [index, profile] of policy.profiles.entries())
    if (!profiles.has(profile)) yield { path: `${path}.profiles[${index}]`, violation: 'unknownProfile' };
  for (const [index, { entrance }] of policy.manages.entries())
    if (entrance !== unmanagedTokens && (entrance === name || !entrances.has(entrance)))
      yield { path: `${path}.manages[${index}].entrance`, violation: 'unknownEntrance' };
}

function* boundConflicts({ name, policy }: Entrance, configuration: Configuration): Generator<Conflict> {
  const { bounds, profiles, vault } = policy;
  const path = `entrances.${name}.policy`;
  if (isLonger(bounds.minimumRotateEvery, bounds.maximumRotateEvery))
    yield { path: `${path}.bounds.minimumRotateEvery`, violation: 'boundsContradict' };
  if (isLonger(bounds.minimumOverlap, bounds.maximumOverlap))
    yield { path: `${path}.bounds.minimumOverlap`, violation: 'boundsContradict' };
  for (const [index, profileName] of profiles.entries()) {
    const profile = configuration.profiles.get(profileName);
    if (profile && isOutside(profile, bounds))
      yield { path: `${path}.profiles[${index}]`, violation: 'profileOutsideBounds' };
  }
  const longest = configuration.vaults.get(vault)?.longestValidity;
  const halfOfLongest = longest && milliseconds(longest) / 2;
  if (halfOfLongest && !(bounds.maximumOverlap && milliseconds(bounds.maximumOverlap) <= halfOfLongest))
    yield { path: `${path}.bounds.maximumOverlap`, violation: 'overlapOverHalfOfValidity' };
}

function* httpConflicts({ http, entrances }: Configuration): Generator<Conflict> {
  const seen: { path: string; entrances: SeenEntrances }[] = [];
  if (http.authentication === 'functionKey') seen.push({ path: 'http', entrances: http.entrances });
  if (http.authentication === 'appService')
    for (const [index, reader] of http.readers.entries())
      seen.push({ path: `http.readers[${index}]`, entrances: reader.entrances });
  for (const { path, entrances: names } of seen)
    for (const [index, name] of (names === 'all' ? [] : names).entries())
      if (!entrances.has(name)) yield { path: `${path}.entrances[${index}]`, violation: 'unknownEntrance' };
}

/** Names of settings are compared without regard to case on some hosts; the log is a sink of its own. */
function* sinkConflicts({ alerting }: Configuration): Generator<Conflict> {
  const taken = new Set<string>();
  for (const [index, { name }] of alerting.sinks.entries()) {
    const path = `alerting.sinks[${index}].name`;
    const key = name.toLowerCase();
    if (key === 'log') yield { path, violation: 'reservedName' };
    if (taken.has(key)) yield { path, violation: 'sinkNamedTwice' };
    taken.add(key);
  }
}

function* rotationScheduleConflicts(configuration: Configuration): Generator<Conflict> {
  for (const { name, select } of configuration.rotationSchedules.values()) {
    const path = `rotationSchedules.${name}.select`;
    for (const [index, registry] of (select.registries ?? []).entries())
      if (!configuration.registries.has(registry))
        yield { path: `${path}.registries[${index}]`, violation: 'unknownRegistry' };
    for (const [index, entrance] of (select.entrances ?? []).entries())
      if (!configuration.entrances.has(entrance))
        yield { path: `${path}.entrances[${index}]`, violation: 'unknownEntrance' };
  }
}

function isOutside({ rotateEvery, overlap }: Profile, bounds: Policy['bounds']): boolean {
  return (
    isLonger(bounds.minimumRotateEvery, rotateEvery) ||
    isLonger(rotateEvery, bounds.maximumRotateEvery) ||
    isLonger(bounds.minimumOverlap, overlap) ||
    isLonger(overlap, bounds.maximumOverlap)
  );
}

function isLonger(one: Duration | undefined, other: Duration | undefined): boolean {
  return one !== undefined && other !== undefined && milliseconds(one) > milliseconds(other);
}
