import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { expect, it } from 'vitest';
import { singleMetadata } from '../../../../infra/local/functions-host/service-bus/message-metadata.ts';

it('tells the other properties of a message in which one is called __proto__', () => {
  const properties: Record<string, unknown> = { attempt: 1 };
  // What the client makes of such a property with a value of bytes.
  Object.setPrototypeOf(properties, Buffer.from('polluted'));
  const message = { body: 'x', applicationProperties: properties } as unknown as ServiceBusReceivedMessage;
  const { ApplicationProperties, UserProperties } = singleMetadata(message);
  expect([ApplicationProperties, UserProperties]).toEqual([
    { json: '{"attempt":1}' },
    { json: '{"attempt":1}' },
  ]);
});
