import { sameName } from '../../contracts/names.ts';
import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import type { StepContext } from '../step-context.ts';
import { StepStopped } from '../step-stopped.ts';

export async function bindScopeMap(
  { scopeMap }: StepKinds['bindScopeMap']['input'],
  { registry, identity, lease }: StepContext,
): Promise<StepResult<'bindScopeMap'>> {
  const before = await registry.readToken(identity.token);
  if (!before) throw new StepStopped('tokenMissing');
  if (sameName(before.scopeMap, scopeMap)) return { kind: 'bindScopeMap', ok: true, changed: false };
  if (!(await registry.readScopeMap(scopeMap))) throw new StepStopped('scopeMapMissing');
  const after = await registry.bindScopeMap(identity.token, scopeMap, lease.limits);
  if (!after) throw new StepStopped('tokenMissing');
  if (!sameName(after.scopeMap, scopeMap)) throw new StepStopped('conflict');
  return { kind: 'bindScopeMap', ok: true, changed: true };
}
