import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Lifecycles } from '../ports/lifecycles.ts';

/** Makes a token's lifecycle look at its commands: starts it, if there is none or it came to an end. */
export async function wakeLifecycle(
  token: TokenIdentity,
  lifecycles: Lifecycles,
): Promise<'started' | 'woken'> {
  const standing = await lifecycles.standing(token);
  if (standing !== 'running' && (await lifecycles.start(token)) === 'started') return 'started';
  await lifecycles.wake(token);
  return 'woken';
}
