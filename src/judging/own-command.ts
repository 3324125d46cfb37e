import type { Command } from '../contracts/commands.ts';

/** Whether Keyturn may ask a command of itself: rotations by schedule, and nothing else. */
export function isOwnCommand({ type, data }: Command): boolean {
  return type === 'keyturn.token.rotation-requested' && !data.compromised;
}
