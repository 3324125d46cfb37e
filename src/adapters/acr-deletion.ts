import { setTimeout as wait } from 'node:timers/promises';
import { statusOf } from './error-fields.ts';

/** A long-running deletion, as the client follows it. */
interface Deletion {
  submitted(): Promise<void>;
  pollUntilDone(options: { abortSignal: AbortSignal }): Promise<void>;
}

const pause = 1_000;

/**
 * Waits until something is deleted. Following a deletion takes a permission at the subscription, which a role at the
 * registry does not give: without it, the thing itself is read until it is gone. False: there was nothing to delete.
 */
export async function untilDeleted(
  deletion: Deletion,
  isThere: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await deletion.submitted();
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
  try {
    await deletion.pollUntilDone({ abortSignal: signal });
  } catch (error) {
    const status = statusOf(error);
    if (status !== 403 && status !== 404) throw error;
    while (await isThere()) await wait(pause, undefined, { signal });
  }
  return true;
}
