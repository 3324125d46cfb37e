import type { Drift } from '../../contracts/event-data.ts';
import type { TokenFinding } from '../../contracts/findings.ts';
import type { Instant } from '../../contracts/instants.ts';
import { day, plus } from '../instant-arithmetic.ts';
import type { Status } from '../state.ts';

/** What can be done about each finding without a person: what a policy may choose from, beside `report`. */
export const possibleHealings = {
  disabledOutOfBand: ['restore'],
  deletedOutOfBand: ['restore'],
  reEnabledOutOfBand: ['restore'],
  scopeMapChanged: ['restore'],
  scopeMapContentChanged: ['restore'],
  passwordVanished: ['rotate'],
  publishedDead: ['rotate'],
  unpublishedSlotRegenerated: ['restore', 'rotate'],
  secretMissing: ['rotate'],
  secretDisabled: ['restore'],
  secretForeign: [],
  outOfPolicy: [],
} as const satisfies Readonly<Record<TokenFinding, readonly ('restore' | 'rotate')[]>>;

export type Healing = 'report' | 'restore' | 'rotate';

/** By the name of the finding; of one that is not named, it is only reported. */
export type HealingPolicy = Readonly<Partial<Record<TokenFinding, Healing | undefined>>>;

export type HealingAction = NonNullable<Drift['next']>['action'];

/** So often in a day Keyturn acts on one finding of a token; then it is up to a person. */
export const mostHealingsADay = 3;

/** What is done about a finding next, or why nothing is. */
export type NextHealing =
  | { readonly action: HealingAction }
  | { readonly action: undefined; readonly done?: 'parked'; readonly code?: WhyNot };

/** Why Keyturn leaves a finding alone that its policy would have it heal: a closed list, with what each means. */
export const whyNotHealed = {
  actorIsPerson: 'a person did it; what a person has disabled or deleted stays so',
  actorUnknown: 'nobody knows who did it; it may have been a person',
  healedTooOften: 'it came back three times within a day',
  massDrift: 'too many tokens of the registry show the same at once',
} as const;

export type WhyNot = keyof typeof whyNotHealed;

/** Bringing back what somebody took away may undo what a person has done on purpose. */
const againstSomebody: ReadonlySet<TokenFinding> = new Set(['disabledOutOfBand', 'deletedOutOfBand']);

/**
 * What to do about a finding. A revoked token that somebody enabled is disabled again, whatever the policy says, and
 * nothing else of a revoked token is touched. What a person, or nobody knows who, has disabled or deleted stays so.
 *
 * @param healedAt when Keyturn acted on this finding of this token before
 */
export function nextHealing(
  { finding, actor, cause }: Pick<Drift, 'finding' | 'actor' | 'cause'> & { finding: TokenFinding },
  {
    status,
    policy,
    healedAt,
    now,
  }: {
    readonly status: Status;
    readonly policy: HealingPolicy;
    readonly healedAt: readonly Instant[];
    readonly now: Instant;
  },
): NextHealing {
  const action = actionFor(finding, status, policy[finding] ?? 'report');
  if (!action) return { action };
  if (healedAt.filter((at) => plus(at, day) > now).length >= mostHealingsADay)
    return { action: undefined, done: 'parked', code: 'healedTooOften' };
  if (againstSomebody.has(finding) && cause !== 'azurePolicy' && actor?.kind !== 'application')
    return { action: undefined, code: actor?.kind === 'user' ? 'actorIsPerson' : 'actorUnknown' };
  return { action };
}

function actionFor(finding: TokenFinding, status: Status, mode: Healing): HealingAction | undefined {
  if (status === 'revoked') return finding === 'reEnabledOutOfBand' ? 'disable' : undefined;
  if (mode === 'report') return undefined;
  if (finding === 'reEnabledOutOfBand') return 'disable';
  const isPossible = possibleHealings[finding].some((possible) => possible === mode);
  // What is disabled is not brought up again by the way; what has expired stays so.
  const isUp = status === 'active' || (status === 'disabled' && finding.startsWith('scopeMap'));
  return isPossible && isUp ? mode : undefined;
}
