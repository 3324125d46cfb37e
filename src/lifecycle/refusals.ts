import type { Status } from './state.ts';

/** Why a command that the policy allows is denied all the same: a closed list, beside the policy's own rules. */
export const refusals = {
  noSuchToken: 'no token of that name is managed',
  tokenNotProvisioned: 'the token was requested but could not be made; request it again',
  tokenExpired: 'the token is past its end of life; request it again',
  tokenRevoked: 'the token is revoked; only a reinstatement brings it back',
  alreadyManaged: 'the token is managed already; only one that nobody manages can be adopted',
  tokenDisabled:
    'a token that is disabled is not adopted, since its new password could not be proven; enable it first',
  tokenNotRevoked: 'only a revoked token can be reinstated',
} as const;

export type Refusal = keyof typeof refusals;

/** Why what needs a token that lives, on or off, is refused to one of another status. */
export const refusalsWithoutLife = {
  none: 'noSuchToken',
  deleted: 'noSuchToken',
  provisioning: 'tokenNotProvisioned',
  expired: 'tokenExpired',
  revoked: 'tokenRevoked',
} as const satisfies Record<Exclude<Status, 'active' | 'disabled'>, Refusal>;
