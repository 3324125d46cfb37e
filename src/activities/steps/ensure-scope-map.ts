import { normalActions, scopeMapActions } from '../../contracts/access.ts';
import { ownScopeMapDescription, sameName } from '../../contracts/names.ts';
import type { TokenIdentity } from '../../lifecycle/state.ts';
import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import type { ScopeMap } from '../../ports/token-registry.ts';
import type { StepContext } from '../step-context.ts';
import { StepStopped } from '../step-stopped.ts';

export async function ensureScopeMap(
  { scopeMap, entrance, repositories }: StepKinds['ensureScopeMap']['input'],
  { registry, identity, lease }: StepContext,
): Promise<StepResult<'ensureScopeMap'>> {
  const actions = scopeMapActions(repositories);
  const description = ownScopeMapDescription(entrance, identity.token);
  const found = await registry.readScopeMap(scopeMap);
  if (found && !isOwnScopeMap(found, entrance, identity)) throw new StepStopped('scopeMapNotOurs');
  if (found && grants(found.actions, actions)) return { kind: 'ensureScopeMap', ok: true, changed: false };
  const written = found
    ? await registry.setScopeMapActions(scopeMap, actions, lease.limits)
    : (await registry.createScopeMap(scopeMap, { description, actions }, lease.limits)).scopeMap;
  if (written && !isOwnScopeMap(written, entrance, identity)) throw new StepStopped('scopeMapNotOurs');
  if (!written || !grants(written.actions, actions)) throw new StepStopped('conflict');
  return { kind: 'ensureScopeMap', ok: true, changed: true };
}

/** Whether Keyturn made a scope map for this very token. */
export function isOwnScopeMap(
  { system, description }: ScopeMap,
  entrance: string,
  { token }: TokenIdentity,
): boolean {
  return !system && sameName(description, ownScopeMapDescription(entrance, token));
}

/** Whether two lists hold the same actions, in whatever order and case. */
function grants(found: readonly string[], asked: readonly string[]): boolean {
  return normalActions(found) === normalActions(asked);
}
