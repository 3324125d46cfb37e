import { setTimeout as wait } from 'node:timers/promises';
import type { CallLimits } from '../ports/call-limits.ts';
import type { Clock } from '../ports/clock.ts';
import { ServiceFailure, type ServiceName } from '../ports/service-failure.ts';
import { azureError } from './azure-error.ts';

/** How one adapter calls its service. */
export interface Caller {
  readonly service: ServiceName;
  readonly clock: Clock;
  /** How long one call may take, in milliseconds; the clients themselves would wait for ever. */
  readonly timeLimit: number;
}

/** Pauses before another try of what may be repeated, in milliseconds. */
const pauses = [200, 1_000];

/** Calls a service once. @throws ServiceFailure, and nothing else */
export async function callOnce<Result>(
  { service, clock, timeLimit }: Caller,
  operation: string,
  limits: CallLimits,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timeOut = AbortSignal.timeout(timeLimit);
  const signal = limits.signal ? AbortSignal.any([limits.signal, timeOut]) : timeOut;
  try {
    signal.throwIfAborted();
    return await whileNotAborted(signal, call(signal));
  } catch (error) {
    if (limits.signal?.aborted) throw new ServiceFailure({ service, operation, code: 'cancelled' });
    if (timeOut.aborted) throw new ServiceFailure({ service, operation, code: 'unavailable' });
    throw azureError(service, operation, error, clock);
  }
}

/**
 * Calls a service for what may be asked twice: a few more times when there was no answer. Not when it asked to come
 * back later, which is for the lifecycle to plan. @throws ServiceFailure, and nothing else
 */
export async function callRepeatably<Result>(
  caller: Caller,
  operation: string,
  limits: CallLimits,
  call: (signal: AbortSignal, attempt: number) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await callOnce(caller, operation, limits, (signal) => call(signal, attempt));
    } catch (error) {
      const pause = pauses[attempt];
      if (pause === undefined || !isPassing(error)) throw error;
      await wait(pause, undefined, { signal: limits.signal }).catch(() => undefined);
    }
  }
}

/**
 * Some clients wait for an access token without looking at the signal. What is left behind sends nothing any more:
 * the clients look at the signal right before they send.
 */
async function whileNotAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new DOMException('The call was ended.', 'AbortError'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof ServiceFailure) || error.retryAt !== undefined) return false;
  return error.code === 'unavailable' || error.code === 'damagedAnswer';
}

/** Goes through the pages of a list. @throws ServiceFailure, and nothing else */
export async function* listAll<Item>(
  caller: Caller,
  operation: string,
  limits: CallLimits,
  list: (signal: AbortSignal) => AsyncIterable<Item>,
): AsyncGenerator<Item> {
  const signal = limits.signal ?? new AbortController().signal;
  const items = list(signal)[Symbol.asyncIterator]();
  for (;;) {
    const next = await callOnce(caller, operation, limits, () => items.next());
    if (next.done === true) return;
    yield next.value;
  }
}
