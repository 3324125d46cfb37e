import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import type { StepContext } from '../step-context.ts';
import { isOwnScopeMap } from './ensure-scope-map.ts';

export async function deleteScopeMap(
  { scopeMap, entrance }: StepKinds['deleteScopeMap']['input'],
  { registry, identity, lease }: StepContext,
): Promise<StepResult<'deleteScopeMap'>> {
  const found = await registry.readScopeMap(scopeMap);
  const own = found !== null && isOwnScopeMap(found, entrance, identity);
  const deleted = own && (await registry.deleteScopeMap(scopeMap, lease.limits));
  return { kind: 'deleteScopeMap', ok: true, deleted };
}
