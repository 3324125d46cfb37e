import { AsyncLocalStorage } from 'node:async_hooks';
import type { Instant } from '../contracts/instants.ts';
import type { WriteLimits } from '../ports/call-limits.ts';
import type { Clock } from '../ports/clock.ts';
import { ServiceFailure, type ServiceName } from '../ports/service-failure.ts';

interface OutgoingRequest {
  readonly method: string;
  readonly headers: { set(name: string, value: string): void };
}

interface SendPolicy {
  readonly name: string;
  sendRequest<Request extends OutgoingRequest, Response>(
    request: Request,
    next: (request: Request) => Promise<Response>,
  ): Promise<Response>;
}

const deadline = new AsyncLocalStorage<{ readonly notAfter: Instant }>();

/** Does something whose writes must leave before the end of the limits. Polls and reads within it are free. */
export function withSendDeadline<Result>(
  { notAfter }: WriteLimits,
  act: () => Promise<Result>,
): Promise<Result> {
  return notAfter === undefined ? act() : deadline.run({ notAfter }, act);
}

/**
 * For a client's `additionalPolicies`: makes it refuse to send a write after its deadline. It comes after all that
 * takes time, also after getting an access token: nothing but the way to the service lies between the look at the
 * clock and the effect.
 */
export function sendDeadline(
  service: ServiceName,
  clock: Clock,
): { readonly policy: SendPolicy; readonly position: 'perRetry' } {
  const policy: SendPolicy = {
    name: 'keyturnSendDeadline',
    async sendRequest(request, next) {
      const notAfter = deadline.getStore()?.notAfter;
      if (notAfter !== undefined && request.method !== 'GET' && clock.now().toISOString() > notAfter)
        throw new ServiceFailure({ service, operation: 'send', code: 'tooLate' });
      return next(request);
    },
  };
  return { policy, position: 'perRetry' };
}
