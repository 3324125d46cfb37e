import type { TokenState } from '../lifecycle/state.ts';
import type { TokenOwnership } from '../policy/judged.ts';

/** Whose a token is, as its record says. The name of one that was deleted is free; one that was revoked is not. */
export function ownershipOf(state: TokenState | undefined): TokenOwnership | 'none' {
  if (!state || state.status === 'none' || state.status === 'deleted') return 'none';
  const { entrance, owner, schedule } = state.managed;
  return { entrance, owner, profile: schedule.profile };
}
