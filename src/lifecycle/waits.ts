const second = 1_000;
const day = 86_400_000;

const shortestWait = 5 * second;
/**
 * JavaScript timers of Durable Functions are limited to six days: a longer one fails or hangs the instance when it
 * is cancelled. Source: Microsoft's Durable Functions documentation on timers.
 */
const longestWait = 5 * day;

/** When a lifecycle's timer fires: at the moment asked for, but 5 seconds to 5 days from now. */
export function timerDue(wakeAt: string, now: Date): Date {
  const wait = Math.min(Math.max(Date.parse(wakeAt) - now.getTime(), shortestWait), longestWait);
  return new Date(now.getTime() + wait);
}

/** How long to wait after the given number of failed tries in a row: 5 s, doubling to 15 minutes. */
export function pauseAfter(tries: number, now: Date): Date {
  return new Date(now.getTime() + Math.min(shortestWait * 2 ** Math.max(0, tries - 1), 15 * 60 * second));
}
