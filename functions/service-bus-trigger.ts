import { serviceBusConnectionName } from '../src/configuration/connections.ts';

/** Where messages come from. */
type Source =
  | { readonly queueName: string }
  | { readonly topicName: string; readonly subscriptionName: string };

/** A trigger that hands out bodies as bytes: a JSON body as text would overwrite the broker's metadata. */
export function serviceBusTrigger(source: Source) {
  return {
    type: 'serviceBusTrigger',
    name: 'message',
    connection: serviceBusConnectionName,
    dataType: 'binary',
    ...source,
  } as const;
}
