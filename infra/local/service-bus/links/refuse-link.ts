import { settleDelivery } from '../amqp/outcomes.ts';
import type { AmqpReceiver, AmqpSender } from '../amqp/rhea.ts';
import type { ServiceBusError } from '../service-bus-error.ts';

/**
 * Closes a link with an error. A link that is only being attached gets an attach without source or target and at once the
 * detach, which the clients take for a refusal. A sending client gets no credit, or it would send and wait for its time-out.
 */
export function refuseLink(link: AmqpSender | AmqpReceiver, error: ServiceBusError): void {
  link.removeAllListeners('message');
  link.on('message', ({ delivery }) => settleDelivery(delivery, error));
  link.close({ condition: error.condition, description: error.description });
}
