import type { CloudConfig } from '../../../infra/local/cloud-config.ts';

/** The local cloud with a vault that deletes and recovers within half a second; `changeCloud` of a service. */
export function withQuickVault(config: CloudConfig): CloudConfig {
  return { ...config, keyVault: { ...config.keyVault, settleAfter: 'PT0.5S' } };
}
