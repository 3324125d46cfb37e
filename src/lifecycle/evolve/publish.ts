import { type Credential, type Credentials, otherSlot } from '../credential.ts';
import type { Reissue } from '../plan.ts';
import { retirement } from '../schedule.ts';
import { supersededBy } from '../slots.ts';
import { type Managed, type ManagedState, managedPart, type StateOf } from '../state.ts';
import { isRetired, type StepResult, type StepSuccess, success } from '../steps.ts';

/**
 * The state of a token whose new credential is published: active, whatever it was before. A new credential answers
 * every rotation that was put off. Nothing if none was published.
 */
export function publish(
  state: ManagedState,
  managed: Managed,
  reissue: Reissue,
  results: readonly StepResult[],
): StateOf<'active'> | undefined {
  const issued = success(results, 'issueCredential');
  if (!issued) return undefined;
  const { deferredRotation, revocation, adoption, ...kept } = managedPart(state);
  return {
    ...kept,
    status: 'active',
    managed,
    incarnation: reissue.incarnation,
    generation: reissue.generation,
    published: issued.slot,
    credentials: credentialsAfter(state, managed, reissue, issued, results),
    warned: { endOfLife: state.warned.endOfLife },
  };
}

function credentialsAfter(
  { credentials }: ManagedState,
  managed: Managed,
  reissue: Reissue,
  issued: StepSuccess<'issueCredential'>,
  results: readonly StepResult[],
): Credentials {
  const { slot, slotCreatedAt, publishedAt, expiresAt, secretVersion, verified } = issued;
  const { incarnation, generation } = reissue;
  const previous = credentials[otherSlot(slot)];
  const after: Credentials = {
    [slot]: { incarnation, generation, slot, slotCreatedAt, publishedAt, expiresAt, secretVersion, verified },
  };
  if (!previous) return after;
  const superseded = supersededNow(previous, publishedAt, managed, reissue);
  const ended = superseded.retireAt !== undefined && isRetired(results, previous.slot);
  return {
    ...after,
    [previous.slot]: ended ? { ...superseded, retiredAt: superseded.retireAt } : superseded,
  };
}

function supersededNow(
  previous: Credential,
  publishedAt: string,
  { schedule }: Managed,
  { previousValidFor, longestWait }: Reissue,
): Credential {
  if (previous.supersededAt !== undefined) return previous;
  const supersededAt = supersededBy({ createdAt: publishedAt });
  const { expiresAt } = previous;
  const retireAt = retirement({ expiresAt, supersededAt }, schedule, previousValidFor, longestWait);
  return { ...previous, supersededAt, ...(retireAt === undefined ? {} : { retireAt }) };
}
