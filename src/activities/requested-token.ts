import type { Configuration } from '../configuration/configuration.ts';
import type { BeginningType, CommandOf } from '../contracts/commands.ts';
import { type Instant, later } from '../contracts/instants.ts';
import { derivedSecretName } from '../contracts/names.ts';
import type { Access, Managed, TokenIdentity } from '../lifecycle/state.ts';
import { requestedSchedule } from '../policy/judged.ts';
import type { Policy } from '../policy/policy-document.ts';

/** A request for a token, or to adopt one, that the policy allows, and by which entrance and when it came. */
export interface AllowedRequest {
  readonly request: CommandOf<BeginningType>['data'];
  readonly entrance: string;
  readonly policy: Policy;
  readonly enqueuedAt: Instant;
  readonly identity: TokenIdentity;
  readonly access: Access;
}

/**
 * All that a request asks for, with what it leaves open filled in. The same whenever it is worked out: a lifetime
 * counts from when the broker took the message.
 *
 * @throws Error if its profile or vault is not, or no longer, configured
 */
export function requestedToken(
  { request, entrance, policy, enqueuedAt, identity, access }: AllowedRequest,
  { profiles, vaults }: Pick<Configuration, 'profiles' | 'vaults'>,
): Managed {
  const schedule = requestedSchedule(request, policy, profiles);
  const vault = vaults.get(policy.vault);
  if (!schedule || !vault) throw new Error('The profile or the vault is not configured.');
  const { owner, purpose, lifetime, delivery } = request;
  const endOfLife = request.expiresAt ?? (lifetime && later(enqueuedAt, lifetime));
  const secretName = delivery?.secretName ?? derivedSecretName(identity.registry, identity.token);
  const secretUri = `${vault.url.replace(/\/$/, '')}/secrets/${secretName}`;
  return {
    entrance,
    owner,
    ...(purpose === undefined ? {} : { purpose }),
    access,
    schedule,
    ...(endOfLife === undefined ? {} : { endOfLife }),
    delivery: { format: delivery?.format ?? 'password', vault: vault.name, secretName, secretUri },
  };
}
