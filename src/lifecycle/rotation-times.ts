import type { Instant } from '../contracts/instants.ts';
import { type Credential, otherSlot } from './credential.ts';
import { earliest, latest } from './instant-arithmetic.ts';
import { nextRotation, overdueWarning } from './schedule.ts';
import { promisedUntil } from './slots.ts';
import type { StateOf } from './state.ts';

type Active = StateOf<'active'>;

/** The credential that consumers read. */
export function currentCredential({ credentials, published }: Active): Credential | undefined {
  return credentials[published];
}

/** When the published password is replaced by schedule; nothing if it lasts until the end of life. */
export function scheduledRotation(state: Active): Instant | undefined {
  const current = currentCredential(state);
  const { managed, identity } = state;
  return current && nextRotation(current, managed.schedule, managed.endOfLife, identity.token);
}

/**
 * When a rotation that has not come yet can wait no longer: it becomes a warning, and it goes ahead although the
 * password before has not had its overlap. A published password that runs out would be worse.
 */
export function lastChance(state: Active): Instant | undefined {
  const scheduled = scheduledRotation(state);
  const current = currentCredential(state);
  return scheduled && current && overdueWarning(scheduled, current.expiresAt);
}

/** When the next rotation is due: by schedule or because it was put off; not before a slot is free, if that can wait. */
export function rotationDue(state: Active): Instant | undefined {
  const { credentials, published, managed, deferredRotation } = state;
  const wanted = earliest(scheduledRotation(state), deferredRotation?.notBefore);
  const previous = credentials[otherSlot(published)];
  if (!wanted || !previous) return wanted;
  return latest(wanted, earliest(promisedUntil(previous, managed.schedule.overlap), lastChance(state)));
}
