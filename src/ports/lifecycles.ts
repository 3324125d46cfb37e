import type { TokenIdentity } from '../lifecycle/state.ts';

/** The durable orchestrations, one for each token. */
export interface Lifecycles {
  /** `finished`: ended, failed or was terminated. To wake one of those does nothing, without saying so. */
  standing(token: TokenIdentity): Promise<'none' | 'finished' | 'running'>;
  /** `exists`: somebody else was faster. */
  start(token: TokenIdentity): Promise<'started' | 'exists'>;
  /** Makes a waiting lifecycle look at its token's commands. To wake one twice is harmless. */
  wake(token: TokenIdentity): Promise<void>;
}
