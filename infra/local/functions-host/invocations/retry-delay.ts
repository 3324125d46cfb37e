import type { RetryOptions } from '../app/function-definition.ts';

/** Whether another try follows after so many failed retries. */
export function isRetried(options: RetryOptions, retriesSoFar: number): boolean {
  return options.maxRetryCount < 0 || retriesSoFar < options.maxRetryCount;
}

/**
 * Milliseconds before the next try, as the WebJobs SDK reckons them: fixed, or the minimum first and then the minimum plus a
 * share that doubles, spread by a fifth, up to the maximum.
 * @param retry which retry follows, from 1.
 * @param random from 0 to 1.
 */
export function retryDelay(options: RetryOptions, retry: number, random = Math.random()): number {
  if (options.strategy === 'fixedDelay') return options.delay;
  const { minimum, maximum } = options;
  if (retry <= 1) return Math.min(minimum, maximum);
  const spread = 0.8 + random * 0.4;
  return Math.min(minimum + spread * 2 ** (retry - 2) * minimum, maximum);
}
