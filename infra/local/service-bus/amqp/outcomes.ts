import { isNull, type TypedEntry, typedEntries, typedFields } from '../messages/typed-values.ts';
import type { ServiceBusError } from '../service-bus-error.ts';
import { type AmqpDelivery, amqpMessages } from './rhea.ts';

const accepted = amqpMessages.accepted().described();

/**
 * Ends a delivery with the broker's answer. Success is always `accepted`: .NET fails on an absent state, and both clients take a
 * rejection with an error, even their own echoed, for a failure.
 */
export function settleDelivery(delivery: AmqpDelivery, error?: ServiceBusError): void {
  const { condition, description } = error ?? {};
  const state =
    condition === undefined || description === undefined
      ? accepted
      : amqpMessages.rejected({ error: { condition, description } }).described();
  delivery.update(true, state);
  // The client never says that it has settled as well; without this rhea's buffer of 2048 deliveries would never empty.
  delivery.remote_settled = true;
}

/** The application properties that a client changes with the outcome `modified`. */
export function modifiedProperties(delivery: AmqpDelivery): readonly TypedEntry[] {
  const annotations = delivery.remote_state?.value[2];
  return isNull(annotations) ? [] : typedEntries(annotations);
}

/** Whether the outcome `modified` means deferral. */
export function isUndeliverableHere(delivery: AmqpDelivery): boolean {
  return delivery.remote_state?.value[1]?.value === true;
}

/** The application properties that come with the outcome `rejected`, reason and description of dead-lettering among them. */
export function rejectedProperties(delivery: AmqpDelivery): readonly TypedEntry[] {
  const error = delivery.remote_state?.value[0];
  if (isNull(error)) return [];
  const info = typedFields(error)[2];
  return isNull(info) ? [] : typedEntries(info).filter(([, value]) => !isNull(value));
}
