import type { OrchestrationContext } from 'durable-functions';

/** The instant so many seconds after the orchestration's present time. */
export function inSeconds(context: OrchestrationContext, seconds: number): Date {
  return new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
}

/** Seconds in so many days. */
export function days(count: number): number {
  return count * 86_400;
}
