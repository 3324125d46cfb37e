import { type Grant, parseScopeMapAction, type Repositories } from '../contracts/access.ts';

/**
 * Whether a repository, or all that a wildcard stands for, lies within another one. A single wildcard is enough to
 * look at: infinitely many names begin with a prefix, so no list of others covers it. `team/*` holds `team/web`
 * and `team/a/*`, but not `team`.
 */
export function contains(outer: string, inner: string): boolean {
  const [holder, held] = [outer.toLowerCase(), inner.toLowerCase()];
  if (holder === '*') return true;
  if (holder.endsWith('/*')) return held.startsWith(holder.slice(0, -1));
  return holder === held;
}

export function allows(allowed: Repositories, { repository, action }: Grant): boolean {
  return Object.entries(allowed).some(
    ([outer, actions]) => actions.includes(action) && contains(outer, repository),
  );
}

/**
 * The first action of a scope map that is not within what is allowed. One that is about anything else than a
 * repository, or that cannot be read, is never allowed.
 */
export function firstActionOutside(
  allowed: Repositories,
  scopeMapActions: readonly string[],
): string | undefined {
  return scopeMapActions.find((action) => {
    const grant = parseScopeMapAction(action);
    return grant === undefined || !allows(allowed, grant);
  });
}
