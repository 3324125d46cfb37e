import { z } from 'zod';
import { alertSchema } from './alert.ts';

/** By which a delivery is told from the copy of an event that was put off: both are in one queue. */
export const deliveryContentType = 'application/vnd.keyturn.alert-delivery+json';

const deliverySchema = z.object({ sink: z.string(), alert: alertSchema });

/** One notification for one sink. */
export type Delivery = z.output<typeof deliverySchema>;

export function deliveryBody(delivery: Delivery): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(delivery));
}

/** @throws Error if it is none */
export function readDelivery(body: Uint8Array): Delivery {
  return deliverySchema.parse(JSON.parse(new TextDecoder().decode(body)));
}
