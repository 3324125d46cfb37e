import { minute, plus } from '../../lifecycle/instant-arithmetic.ts';
import { entryOf, publications } from '../../lifecycle/slots.ts';
import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import { momentOf, type StepContext } from '../step-context.ts';
import { StepStopped } from '../step-stopped.ts';

/** How long the password lives that takes the place of the ended one. Nobody knows it. */
const shortLife = 10 * minute;

export async function retireSlot(
  { slot, slotCreatedAt }: StepKinds['retireSlot']['input'],
  context: StepContext,
): Promise<StepResult<'retireSlot'>> {
  const { registry, identity, lease } = context;
  const token = await registry.readToken(identity.token);
  const entry = token && entryOf(token, slot);
  if (entry?.createdAt !== slotCreatedAt) return { kind: 'retireSlot', ok: true, slot, regenerated: false };
  await stopIfPublished({ slot, slotCreatedAt }, context);
  const expiresAt = plus(`${momentOf(context).slice(0, 19)}.000Z`, shortLife);
  const made = await registry.generatePassword(identity.token, slot, expiresAt, await lease.renew());
  return { kind: 'retireSlot', ok: true, slot, regenerated: true, createdAt: made.createdAt };
}

/** The record may be older than the vault: what consumers read is never ended. @throws StepStopped `slotIsPublished` */
async function stopIfPublished(
  { slot, slotCreatedAt }: StepKinds['retireSlot']['input'],
  { state, identity, vault: vaultOf }: StepContext,
): Promise<void> {
  if (state.status === 'none') return;
  const { vault, secretName } = state.managed.delivery;
  const { standing, versions } = await vaultOf(vault).readSecret(secretName);
  const published = standing === 'present' ? publications(versions, identity)[0]?.tags : undefined;
  if (published?.slot === slot && published.slotCreatedAt === slotCreatedAt)
    throw new StepStopped('slotIsPublished');
}
