import { sameName } from '../../contracts/names.ts';
import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import type { StepContext } from '../step-context.ts';
import { StepStopped } from '../step-stopped.ts';

/** It is planned only where there was no token: one that is found with another scope map was made by somebody else. */
export async function createToken(
  { scopeMap }: StepKinds['createToken']['input'],
  { registry, identity, lease }: StepContext,
): Promise<StepResult<'createToken'>> {
  const { created, token } = await registry.createToken(identity.token, scopeMap, lease.limits);
  if (!token) throw new StepStopped('conflict');
  if (!created && !sameName(token.scopeMap, scopeMap)) throw new StepStopped('tokenNotOurs');
  if (!token.enabled) throw new StepStopped('disabledByPolicy');
  return { kind: 'createToken', ok: true, created };
}
