import type { ServiceBusClient, ServiceBusReceiver } from '@azure/service-bus';
import type { FunctionDefinition, ServiceBusSource, ServiceBusTrigger } from '../app/function-definition.ts';
import type { FunctionCaller } from '../invocations/function-caller.ts';
import type { HostLog } from '../log/host-log.ts';
import type { ServiceBusSettings } from '../settings/host-json.ts';

/** A Service Bus function that listens. */
export interface MessageListener {
  /** Stops receiving, and resolves when the calls under way have ended and their messages are settled. */
  stop(): Promise<void>;
}

export interface MessageListenerOptions {
  readonly definition: FunctionDefinition;
  readonly trigger: ServiceBusTrigger;
  readonly client: ServiceBusClient;
  readonly settings: ServiceBusSettings;
  readonly caller: Pick<FunctionCaller, 'call'>;
  readonly log: HostLog;
  /** Whether the worker wants empty texts in arrays (`IncludeEmptyEntriesInMessagePayload`). */
  readonly keepEmptyEntries: boolean;
}

/** A receiver that leaves settling, renewing and decoding to the listener. */
export function createReceiver({ client, trigger }: MessageListenerOptions): ServiceBusReceiver {
  const options = {
    receiveMode: 'peekLock',
    maxAutoLockRenewalDurationInMs: 0,
    skipParsingBodyAsJson: true,
    skipConvertingDate: true,
  } as const;
  const { source } = trigger;
  return 'queue' in source
    ? client.createReceiver(source.queue, options)
    : client.createReceiver(source.topic, source.subscription, options);
}

export function sourceName(source: ServiceBusSource): string {
  return 'queue' in source ? source.queue : `${source.topic}/${source.subscription}`;
}

/** The trigger option wins over host.json. */
export function isAutoCompleted({ trigger, settings }: MessageListenerOptions): boolean {
  return trigger.autoCompleteMessages ?? settings.autoCompleteMessages;
}

export function logListenerProblem(
  { log, definition, trigger }: MessageListenerOptions,
  what: string,
  error: unknown,
): void {
  const reason = error instanceof Error ? error.message : String(error);
  log.write({
    level: 'warning',
    category: 'Host.Triggers.ServiceBus',
    functionName: definition.name,
    message: `Service Bus ${sourceName(trigger.source)}: ${what}: ${reason}`,
  });
}
