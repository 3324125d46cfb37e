import { isNamedAfter, sameName } from '../contracts/names.ts';
import type { Policy } from '../policy/policy-document.ts';
import { firstActionOutside } from '../policy/repository-containment.ts';

/** A scope map that a token is bound to, and what it grants. */
export interface EffectiveAccess {
  readonly token: string;
  readonly scopeMap: string;
  /** Made by Keyturn for this token alone. */
  readonly own: boolean;
  readonly actions: readonly string[];
}

/**
 * What a token can do that the policy of its entrance does not allow now: the first such action, or the scope map that is
 * not listed; undefined if there is nothing. Judged by what the token can do, whatever was asked for.
 */
export function outOfPolicy(
  { token, scopeMap, own, actions }: EffectiveAccess,
  policy: Pick<Policy, 'repositories' | 'scopeMaps'>,
): string | undefined {
  const isOfToken = own || isNamedAfter(scopeMap, token);
  const isListed = isOfToken || policy.scopeMaps.some((listed) => sameName(listed, scopeMap));
  return isListed ? firstActionOutside(policy.repositories, actions) : scopeMap;
}
