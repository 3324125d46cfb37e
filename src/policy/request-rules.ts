import { grantsOf, type Repositories } from '../contracts/access.ts';
import { type BeginningType, beginsManagement, type Command, type CommandOf } from '../contracts/commands.ts';
import { type Duration, milliseconds } from '../contracts/durations.ts';
import { later } from '../contracts/instants.ts';
import { isNamedAfter, sameName, unmanagedTokens } from '../contracts/names.ts';
import { type Judged, type Rule, requestedSchedule, type Schedule } from './judged.ts';
import { allows } from './repository-containment.ts';
import { fitsAny, nameFitsAny } from './text-pattern.ts';

// Rules on what a command asks for. Each is named for the violation, and gives what violates the policy.

export const sourceNotAllowed: Rule = ({ policy, command: { source } }) =>
  fitsAny(source, policy.sources) ? undefined : source;

export const commandNotAllowed: Rule = ({ policy, command: { type } }) =>
  policy.commands.includes(type) ? undefined : type;

export const registryNotAllowed: Rule = ({ policy, command: { data } }) =>
  policy.registries.includes(data.registry) ? undefined : data.registry;

export const tokenNameNotAllowed: Rule = ({ policy, command: { data } }) =>
  nameFitsAny(data.token, policy.tokens) ? undefined : data.token;

/** A later command may leave the owner out; whose the token is, is for `ownedByAnother`. */
export const ownerNotAllowed: Rule = ({ policy, command: { data } }) =>
  data.owner === undefined || fitsAny(data.owner, policy.owners) ? undefined : data.owner;

/** To adopt a token writes over one of its passwords: that must be allowed beside the command itself. */
export const adoptionNotAllowed: Rule = ({ policy, command: { type, data } }) => {
  if (type !== 'keyturn.token.adoption-requested') return undefined;
  const managed = policy.manages.some(
    ({ entrance, tokens }) => entrance === unmanagedTokens && nameFitsAny(data.token, tokens),
  );
  return managed ? undefined : data.token;
};

/**
 * Maps are shared with whoever else uses them, so only those that the policy names can be asked for. A token that is
 * adopted brings its own with it: that is the one with the name that the Azure CLI and Keyturn give it.
 */
export const scopeMapNotListed: Rule = ({ policy, command, facts }) => {
  const asked = scopeMapAskedFor(command) ?? facts.boundScopeMap;
  if (asked === undefined) return undefined;
  const { type, data } = command;
  if (type === 'keyturn.token.adoption-requested' && isNamedAfter(asked, data.token)) return undefined;
  return policy.scopeMaps.some((listed) => sameName(listed, asked)) ? undefined : asked;
};

export const repositoryNotAllowed: Rule = ({ policy, command }) => {
  const outside = grantsOf(repositoriesAskedFor(command)).find(
    (grant) => !allows(policy.repositories, grant),
  );
  return outside && `${outside.repository} ${outside.action}`;
};

/** Also a profile that is not configured, so that the rules below it know the whole schedule. */
export const profileNotAllowed: Rule = onRequest(({ profile }, { policy, profiles }) => {
  const name = profile ?? policy.profiles[0] ?? 'none';
  return policy.profiles.includes(name) && profiles.has(name) ? undefined : name;
});

export const rotateEveryTooShort: Rule = onSchedule(({ rotateEvery }, { policy: { bounds } }) =>
  isShorter(rotateEvery, bounds.minimumRotateEvery) ? rotateEvery : undefined,
);

export const rotateEveryTooLong: Rule = onSchedule(({ rotateEvery }, { policy: { bounds } }) =>
  isLonger(rotateEvery, bounds.maximumRotateEvery) ? rotateEvery : undefined,
);

export const overlapTooShort: Rule = onSchedule(({ profile, overlap }, { policy: { bounds }, profiles }) =>
  isShorter(overlap, profiles.get(profile)?.minimumOverlap) || isShorter(overlap, bounds.minimumOverlap)
    ? overlap
    : undefined,
);

export const overlapTooLong: Rule = onSchedule(({ overlap }, { policy: { bounds } }) =>
  isLonger(overlap, bounds.maximumOverlap) ? overlap : undefined,
);

/** The schema compares the two when both are given; here one of them may come from the profile. */
export const overlapNotBelowRotateEvery: Rule = onSchedule(({ rotateEvery, overlap }) =>
  isShorter(overlap, rotateEvery) ? undefined : overlap,
);

export const endOfLifeMissing: Rule = onRequest(({ expiresAt, lifetime }, { policy: { bounds } }) =>
  bounds.maximumLifetime !== undefined && (expiresAt ?? lifetime) === undefined ? 'expiresAt' : undefined,
);

export const endOfLifePast: Rule = onRequest(({ expiresAt }, { now }) =>
  expiresAt !== undefined && expiresAt <= now ? expiresAt : undefined,
);

export const lifetimeTooLong: Rule = onRequest(({ expiresAt, lifetime }, { policy: { bounds }, now }) => {
  const longest = bounds.maximumLifetime;
  if (longest === undefined) return undefined;
  if (lifetime !== undefined && isLonger(lifetime, longest)) return lifetime;
  return expiresAt !== undefined && expiresAt > later(now, longest) ? expiresAt : undefined;
});

export const secretNameNotAllowed: Rule = onRequest(({ delivery }, { policy }) =>
  delivery?.secretName === undefined || nameFitsAny(delivery.secretName, policy.secretNames)
    ? undefined
    : delivery.secretName,
);

type Request = CommandOf<BeginningType>['data'];

function onRequest(rule: (request: Request, judged: Judged) => string | undefined): Rule {
  return (judged) => {
    const { command } = judged;
    return isBeginning(command) ? rule(command.data, judged) : undefined;
  };
}

function isBeginning(command: Command): command is CommandOf<BeginningType> {
  return beginsManagement(command.type);
}

function onSchedule(rule: (schedule: Schedule, judged: Judged) => string | undefined): Rule {
  return onRequest((request, judged) => {
    const schedule = requestedSchedule(request, judged.policy, judged.profiles);
    return schedule && rule(schedule, judged);
  });
}

function scopeMapAskedFor({ type, data }: Command): string | undefined {
  const asks = type === 'keyturn.token.requested' || type === 'keyturn.token.access-changed';
  return asks && 'scopeMap' in data.access ? data.access.scopeMap : undefined;
}

function repositoriesAskedFor({ type, data }: Command): Repositories {
  if (type === 'keyturn.token.requested' && 'repositories' in data.access) return data.access.repositories;
  if (type === 'keyturn.token.access-changed' && 'added' in data.access) return data.access.added ?? {};
  return {};
}

function isShorter(duration: Duration, than: Duration | undefined): boolean {
  return than !== undefined && milliseconds(duration) < milliseconds(than);
}

function isLonger(duration: Duration, than: Duration | undefined): boolean {
  return than !== undefined && milliseconds(duration) > milliseconds(than);
}
