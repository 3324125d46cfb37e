import { publications } from '../../lifecycle/slots.ts';
import type { TokenIdentity } from '../../lifecycle/state.ts';
import type { StepKinds, StepResult } from '../../lifecycle/steps.ts';
import type { WriteLimits } from '../../ports/call-limits.ts';
import type { SecretStore } from '../../ports/secret-store.ts';
import type { StepContext } from '../step-context.ts';

export async function setSecretVersion(
  { vault, secretName, enabled }: StepKinds['setSecretVersion']['input'],
  { vault: vaultOf, identity, lease }: StepContext,
): Promise<StepResult<'setSecretVersion'>> {
  const asked = { secretName, enabled };
  const changed = await switchPublished(vaultOf(vault), identity, asked, lease.limits);
  return { kind: 'setSecretVersion', ok: true, changed };
}

/** Switches the version that is published on or off. False: it is so already, or there is none. */
export async function switchPublished(
  store: SecretStore,
  identity: TokenIdentity,
  { secretName, enabled }: { readonly secretName: string; readonly enabled: boolean },
  limits: WriteLimits,
): Promise<boolean> {
  const { standing, versions } = await store.readSecret(secretName);
  const published = publications(versions, identity)[0]?.version;
  if (standing !== 'present' || !published || published.enabled === enabled) return false;
  return store.setVersionEnabled(secretName, published.version, enabled, limits);
}
