import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import type { StepContext } from '../step-context.ts';
import { isForeign } from './secret-ownership.ts';

export async function deleteSecret(
  { vault, secretName }: StepKinds['deleteSecret']['input'],
  { vault: vaultOf, identity, lease }: StepContext,
): Promise<StepResult<'deleteSecret'>> {
  const store = vaultOf(vault);
  const secret = await store.readSecret(secretName);
  const own = secret.standing === 'present' && !isForeign(secret, identity);
  const deleted = own && (await store.deleteSecret(secretName, lease.limits));
  return { kind: 'deleteSecret', ok: true, deleted };
}
