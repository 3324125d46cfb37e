import { millisecondsBetween, plus, second } from '../lifecycle/instant-arithmetic.ts';
import type { Clock } from '../ports/clock.ts';

const patience = 20 * second;
const firstPause = second / 2;

/** Does what may be done twice, again and again for 20 s until it works. @throws what it threw at last */
export async function tryForAWhile<Result>(
  act: () => Promise<Result>,
  { clock, pause }: { readonly clock: Clock; readonly pause: (milliseconds: number) => Promise<void> },
): Promise<Result> {
  const until = plus(clock.now().toISOString(), patience);
  for (let wait = firstPause; ; wait *= 2) {
    try {
      return await act();
    } catch (error) {
      if (millisecondsBetween(clock.now().toISOString(), until) < wait) throw error;
      await pause(wait);
    }
  }
}
