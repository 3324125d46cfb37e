import type { Instant } from '../../contracts/instants.ts';
import type { Rules } from '../facts.ts';
import type { Reissue } from '../plan.ts';
import { longestWait } from '../rotation-windows.ts';
import { validUntil } from '../schedule.ts';
import { isAlive } from '../slots.ts';
import type { Managed, ManagedState } from '../state.ts';
import type { Step } from '../steps.ts';
import { believedSlots, type World } from './proposal.ts';

/**
 * The rotation id of the next credential of this incarnation. One that was published, but not yet settled, is taken
 * up again: the step finds its tags and is done. The vault's tags win over the record, which may be older than it is.
 */
export function nextGeneration(
  incarnation: number,
  generation: number,
  { publications, token, slots }: World,
  now: Instant,
): number {
  const newest = publications.find(({ tags }) => tags.incarnation === incarnation);
  if (!newest || newest.tags.generation <= generation) return generation + 1;
  const alive = token !== null && isAlive(slots.credentials[newest.tags.slot], token, now);
  return alive && newest === publications[0] ? newest.tags.generation : newest.tags.generation + 1;
}

/** When the vault published a credential of this incarnation that the record does not know of yet. */
export function unsettledSince(state: ManagedState, { publications }: World): Instant | undefined {
  const newest = publications[0];
  const unsettled =
    newest?.tags.incarnation === state.incarnation && newest.tags.generation > state.generation;
  return unsettled ? newest.tags.slotCreatedAt : undefined;
}

/** Whether the vault's newest version already carries that rotation id. */
export function isPublished(
  { incarnation, generation }: Pick<Reissue, 'incarnation' | 'generation'>,
  { publications }: World,
): boolean {
  const newest = publications[0]?.tags;
  return newest?.incarnation === incarnation && newest.generation === generation;
}

/** The step that makes, proves and publishes the next credential. */
export function issueStep(
  state: ManagedState,
  managed: Managed,
  { incarnation, generation, mayCutShort }: Reissue,
  rules: Rules,
  now: Instant,
): Step<'issueCredential'> {
  const expiresAt = validUntil(now, managed.schedule, {
    endOfLife: managed.endOfLife,
    longestValidity: rules.longestValidity,
    longestWait: longestWait(rules.rotationWindows ?? [], now),
  });
  return {
    kind: 'issueCredential',
    input: {
      incarnation,
      generation,
      expiresAt,
      mayCutShort,
      ...(state.adoption ? { slot: state.adoption.slot } : {}),
      managed,
      believed: believedSlots(state),
    },
  };
}
