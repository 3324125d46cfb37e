import type { FaultEffect } from '../control/faults.ts';
import type { PartContext } from '../part.ts';
import { internalError, ServiceBusError, serverBusy } from './service-bus-error.ts';

/** Something that a client asks of the broker. */
export interface Operation {
  /** As faults match it and the history shows it, for example `complete orders`. */
  readonly request: string;
  /** Name of the identity that asks, where one is proven. */
  readonly identity: string | undefined;
  /** Has the effect. @throws ServiceBusError when it is refused */
  perform(): void;
  answer(error: ServiceBusError | undefined): void;
  /** Cuts the connection that the request came by. */
  cut(): void;
}

/**
 * The one way from a request to its effect: here it meets the faults injected for `service-bus`, and is remembered.
 * `damage` cuts the connection after the effect, which is what a damaged frame comes to.
 */
export class OperationGate {
  readonly #context: PartContext;
  readonly #delayed = new Set<NodeJS.Timeout>();

  constructor(context: PartContext) {
    this.#context = context;
  }

  run(operation: Operation): void {
    const effect = this.#context.faults.take('service-bus', operation.request);
    if (effect?.kind !== 'delay') {
      this.#finish(operation, effect);
      return;
    }
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      this.#finish(operation, effect);
    }, effect.milliseconds);
    this.#delayed.add(timer);
  }

  /** Forgets the requests that an injected delay holds up. */
  close(): void {
    for (const timer of this.#delayed) clearTimeout(timer);
    this.#delayed.clear();
  }

  #finish(operation: Operation, effect: FaultEffect | undefined): void {
    const isDropped = effect?.kind === 'drop' || effect?.kind === 'damage';
    const hasEffect = !(effect?.kind === 'drop' && effect.when === 'before');
    if (effect?.kind === 'fail' && effect.when === 'after') performSafely(operation);
    const error = injectedError(effect) ?? (hasEffect ? performSafely(operation) : undefined);
    this.#context.history.add({
      part: 'service-bus',
      request: operation.request,
      ...(operation.identity === undefined ? {} : { identity: operation.identity }),
      ...(isDropped ? {} : { outcome: error?.condition ?? 'accepted' }),
      ...(effect === undefined ? {} : { fault: effect.kind }),
    });
    if (isDropped) operation.cut();
    else answerSafely(operation, error);
  }
}

function injectedError(effect: FaultEffect | undefined): ServiceBusError | undefined {
  if (effect?.kind === 'throttle') return serverBusy(effect.retryAfterSeconds);
  if (effect?.kind !== 'fail') return undefined;
  const {
    code = 'amqp:internal-error',
    status,
    message = 'The service was unable to process the request.',
  } = effect;
  return new ServiceBusError(code, status, message);
}

/** A client that cannot be answered, as when it asks under an id that cannot be written, is cut off. */
function answerSafely(operation: Operation, error: ServiceBusError | undefined): void {
  try {
    operation.answer(error);
  } catch (cause) {
    process.stderr.write(`service-bus: answering ${operation.request}: ${(cause as Error).stack}\n`);
    operation.cut();
  }
}

function performSafely(operation: Operation): ServiceBusError | undefined {
  try {
    operation.perform();
    return undefined;
  } catch (error) {
    if (error instanceof ServiceBusError) return error;
    process.stderr.write(`service-bus: ${operation.request}: ${(error as Error).stack}\n`);
    return internalError('The local Service Bus failed; its terminal shows how.');
  }
}
