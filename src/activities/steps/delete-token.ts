import type { StepResult } from '../../lifecycle/steps.ts';
import type { StepContext } from '../step-context.ts';

export async function deleteToken({
  registry,
  identity,
  lease,
}: StepContext): Promise<StepResult<'deleteToken'>> {
  const deleted = await registry.deleteToken(identity.token, lease.limits);
  return { kind: 'deleteToken', ok: true, deleted };
}
