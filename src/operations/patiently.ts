import { setTimeout } from 'node:timers/promises';
import { isFailure } from '../ports/service-failure.ts';

const mostWaits = 20;
const usualWait = 5_000;
const longestWait = 60_000;

/**
 * Asks again when a service is asked too often, after the time that it wants: a command has time, and a list of thousands
 * of secrets reaches the limits of a vault.
 *
 * @throws what the call throws, in the end also `throttled`
 */
export async function patiently<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isFailure(error, 'throttled') || waits >= mostWaits) throw error;
      const wanted = error.retryAt === undefined ? usualWait : Date.parse(error.retryAt) - Date.now();
      await setTimeout(Math.min(Math.max(wanted, 500), longestWait));
    }
  }
}

/** What a call gives for each item, in their order; so many calls are under way at a time. */
export async function forEach<Item, Result>(
  items: readonly Item[],
  atATime: number,
  call: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) results[index] = await patiently(() => call(item));
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return results;
}
