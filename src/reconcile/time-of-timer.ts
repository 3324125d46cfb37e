import type { Timer } from '@azure/functions';
import { type Instant, instantSchema } from '../contracts/instants.ts';
import { latest } from '../lifecycle/instant-arithmetic.ts';
import type { Clock } from '../ports/clock.ts';

/** The time of a timer's run: that of the occurrence it was called for, or the clock's, whichever is later. */
export function timeOfTimer({ scheduleStatus }: Pick<Timer, 'scheduleStatus'>, clock: Clock): Instant {
  const due = instantSchema.safeParse(scheduleStatus?.next).data;
  const now = clock.now().toISOString();
  return due === undefined ? now : latest(now, due);
}
