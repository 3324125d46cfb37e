import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import type { StepContext } from '../step-context.ts';
import { StepStopped } from '../step-stopped.ts';
import { isForeign } from './secret-ownership.ts';

export async function recoverSecret(
  { vault, secretName }: StepKinds['recoverSecret']['input'],
  { vault: vaultOf, identity, lease }: StepContext,
): Promise<StepResult<'recoverSecret'>> {
  const store = vaultOf(vault);
  const secret = await store.readSecret(secretName);
  if (isForeign(secret, identity)) throw new StepStopped('secretNotOurs');
  const recovered =
    secret.standing === 'softDeleted' && (await store.recoverSecret(secretName, lease.limits));
  return { kind: 'recoverSecret', ok: true, recovered };
}
