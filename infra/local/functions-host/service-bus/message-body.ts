import type { ServiceBusReceivedMessage } from '@azure/service-bus';

/** The bytes of a message's body, as they were sent; a body that is an AMQP value instead of data becomes its text. */
export function bodyBytes(message: ServiceBusReceivedMessage): Uint8Array {
  const body: unknown = message.body;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (body === undefined || body === null) return new Uint8Array();
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The body as text; bytes that are no UTF-8 become replacement characters. */
export function bodyText(message: ServiceBusReceivedMessage): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bodyBytes(message));
}
