import type { ServiceBusClient } from '@azure/service-bus';
import type { Fault } from '../../../infra/local/control/faults.ts';

/** A fault of the Service Bus for requests that match. */
export function fault(match: string, effect: Fault['effect'], times = 1): Fault {
  return { part: 'service-bus', match, effect, times };
}

export async function sendOne(client: ServiceBusClient): Promise<void> {
  await client.createSender('orders').sendMessages({ body: 'x' });
}
