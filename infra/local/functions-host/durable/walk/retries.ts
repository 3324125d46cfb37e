import { HostTask } from './host-task.ts';
import type { OrchestrationContext } from './orchestration-context.ts';
import type { RetryOptions } from './orchestrator-action.ts';

const sixDays = 6 * 24 * 60 * 60 * 1000;

/**
 * Calls again and again as the options say. After the last failure there is one more timer, due at once: the framework keeps
 * it for the sake of old histories, and the library in the worker waits for it. When `retryTimeoutInMilliseconds` ends the
 * retries there is no such timer, and the library waits for ever.
 */
export function callWithRetries(
  context: OrchestrationContext,
  options: RetryOptions,
  call: () => HostTask,
): HostTask {
  const task = new HostTask();
  const firstAttempt = context.now.getTime();
  const attempt = (attempts: number): void => {
    if (attempts >= options.maxNumberOfAttempts) {
      task.settle('succeeded');
      return;
    }
    call().whenSettled((outcome) => {
      if (outcome === 'succeeded') task.settle('succeeded');
      else afterFailure(attempts);
    });
  };
  const afterFailure = (attempts: number): void => {
    if (attempts + 1 === options.maxNumberOfAttempts) {
      context.createTimer(context.now).whenSettled(() => task.settle('failed'));
      return;
    }
    const delay = retryDelay(options, attempts, firstAttempt, context.now.getTime());
    if (delay === 0) task.settle('failed');
    else
      context.createTimer(new Date(context.now.getTime() + delay)).whenSettled(() => attempt(attempts + 1));
  };
  attempt(0);
  return task;
}

/** Milliseconds until the next attempt; 0 when the time for retries is over. */
function retryDelay(options: RetryOptions, attempts: number, firstAttempt: number, now: number): number {
  const { retryTimeoutInMilliseconds: timeout } = options;
  if (timeout !== undefined && now >= firstAttempt + timeout) return 0;
  const delay = options.firstRetryIntervalInMilliseconds * options.backoffCoefficient ** attempts;
  return Math.round(Math.min(delay, longestDelay(options)));
}

/** Milliseconds of the longest delay; without an option of its own it is what Azure Storage can do. */
export function longestDelay(options: RetryOptions): number {
  return options.maxRetryIntervalInMilliseconds ?? sixDays;
}
