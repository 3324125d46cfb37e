import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Lifecycles } from '../ports/lifecycles.ts';

/** Makes a token's lifecycle look at its commands: starts it, if there is none or it came to an end. */
export async function wakeLifecycle(
  token: TokenIdentity,
  lifecycles: Lifecycles,
): Promise<'started' | 'woken'> {
  if ((await lifecycles.standing(token)) !== 'running') return startLifecycle(token, lifecycles);
  await lifecycles.wake(token);
  return 'woken';
}

/** The same for a token that hardly has a lifecycle yet: one that runs tells so when it is to be started. */
export async function startLifecycle(
  token: TokenIdentity,
  lifecycles: Lifecycles,
): Promise<'started' | 'woken'> {
  if ((await lifecycles.start(token)) === 'started') return 'started';
  await lifecycles.wake(token);
  return 'woken';
}
