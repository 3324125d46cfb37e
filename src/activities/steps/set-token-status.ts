import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import type { StepContext } from '../step-context.ts';
import { StepStopped } from '../step-stopped.ts';

export async function setTokenStatus(
  { enabled }: StepKinds['setTokenStatus']['input'],
  { registry, identity, lease }: StepContext,
): Promise<StepResult<'setTokenStatus'>> {
  const before = await registry.readToken(identity.token);
  const isAsked = before ? before.enabled === enabled : !enabled;
  if (isAsked) return { kind: 'setTokenStatus', ok: true, changed: false };
  const after = before && (await registry.setTokenStatus(identity.token, enabled, lease.limits));
  if (!after && enabled) throw new StepStopped('tokenMissing');
  if (after && after.enabled !== enabled)
    throw new StepStopped(enabled ? 'disabledByPolicy' : 'enabledByOthers');
  return { kind: 'setTokenStatus', ok: true, changed: after !== null };
}
