import { beginsManagement, type CommandOf, isUrgent } from '../contracts/commands.ts';
import { milliseconds } from '../contracts/durations.ts';
import type { Rule } from './judged.ts';
import type { Profile } from './profile.ts';
import { firstActionOutside } from './repository-containment.ts';
import { nameFitsAny } from './text-pattern.ts';

// Rules that look at more than the command. A fact that is not known yet is not judged; planning knows all.

export const noSuchToken: Rule = ({ command: { type, data }, facts: { token } }) =>
  token === 'none' && !beginsManagement(type) ? data.token : undefined;

/**
 * A token belongs to the entrance and owner that created it. Only they may request it again; any other command may
 * also come by an entrance that manages the token. An owner that the command names must be the token's.
 */
export const ownedByAnother: Rule = ({ entrance, policy, command: { type, data }, facts: { token } }) => {
  if (token === undefined || token === 'none') return undefined;
  const managed = policy.manages.some(
    (other) => other.entrance === token.entrance && nameFitsAny(data.token, other.tokens),
  );
  const mayAct = token.entrance === entrance || (managed && type !== 'keyturn.token.requested');
  return mayAct && (data.owner ?? token.owner) === token.owner ? undefined : data.token;
};

/** A connected registry changes the passwords of its sync token itself: its scope map has `gateway/` actions. */
export const tokenOfConnectedRegistry: Rule = ({ command: { type, data }, facts: { actionsThen = [] } }) =>
  type === 'keyturn.token.adoption-requested' &&
  actionsThen.some((action) => action.toLowerCase().startsWith('gateway/'))
    ? data.token
    : undefined;

export const earlyRotationNotAllowed: Rule = onEarlyRotation((_rotation, { earlyRotation }) =>
  earlyRotation === 'onlyCompromised' ? 'compromised' : undefined,
);

export const previousValidForTooShort: Rule = onEarlyRotation(({ previousValidFor }, { minimumOverlap }) =>
  previousValidFor !== undefined && milliseconds(previousValidFor) < milliseconds(minimumOverlap)
    ? previousValidFor
    : undefined,
);

export const tokenQuotaReached: Rule = ({ policy: { quotas }, command: { type }, facts }) =>
  beginsManagement(type) && facts.token === 'none' && (facts.tokensOfEntrance ?? 0) >= quotas.tokens
    ? `${quotas.tokens}`
    : undefined;

/** A flood of requests does not hold back a revocation. */
export const commandQuotaReached: Rule = ({ policy: { quotas }, command: { type }, facts }) =>
  !isUrgent(type) && (facts.commandsInLastHour ?? 0) >= quotas.commandsPerHour
    ? `${quotas.commandsPerHour}`
    : undefined;

/** In whatever way access is asked for, the token must not be able to do more than the policy says. */
export const actionNotAllowed: Rule = ({ policy, command: { type }, facts: { actionsThen } }) =>
  actionsThen !== undefined && (beginsManagement(type) || type === 'keyturn.token.access-changed')
    ? firstActionOutside(policy.repositories, actionsThen)
    : undefined;

type Rotation = CommandOf<'keyturn.token.rotation-requested'>['data'];

/** A compromised password is replaced whatever the profile says. A profile that is no longer configured denies. */
function onEarlyRotation(rule: (rotation: Rotation, profile: Profile) => string | undefined): Rule {
  return ({ command, profiles, facts: { token } }) => {
    if (command.type !== 'keyturn.token.rotation-requested' || command.data.compromised) return undefined;
    if (token === undefined || token === 'none') return undefined;
    const profile = profiles.get(token.profile);
    return profile ? rule(command.data, profile) : token.profile;
  };
}
