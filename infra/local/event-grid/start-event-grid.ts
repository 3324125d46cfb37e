import type { z } from 'zod';
import { type PartContext, type RunningPart, UsageError } from '../part.ts';
import { readPartConfig } from '../part-config.ts';
import type { RegistryActivity } from '../registry/registry-store.ts';
import type { RunningRegistry } from '../registry/start-registry.ts';
import { ServiceBusError } from '../service-bus/service-bus-error.ts';
import type { RunningServiceBus } from '../service-bus/start-service-bus.ts';
import { eventGridConfigSchema } from './event-grid-config.ts';
import {
  changeEventGridSettings,
  defaultEventGridSettings,
  type EventGridSettings,
} from './event-grid-settings.ts';
import { type EventMessage, eventMessage } from './event-message.ts';
import { EventSubscription } from './event-subscription.ts';
import { eventTypes, resourceEvent } from './resource-event.ts';
import { RetriedDeliveries } from './retried-deliveries.ts';

export interface EventGridOptions {
  readonly config?: z.input<typeof eventGridConfigSchema>;
  readonly context: PartContext;
  readonly registry: Pick<RunningRegistry, 'onActivity' | 'showEventGrid'>;
  readonly serviceBus: Pick<RunningServiceBus, 'hasEntrance' | 'deliver'>;
}

export interface RunningEventGrid extends RunningPart {
  settings(): EventGridSettings;
  /** Switched off, it also forgets what is on its way. @throws z.ZodError when a change does not fit; nothing is changed then. */
  updateSettings(changes: unknown): EventGridSettings;
  /** Forgets what is on its way, and changed settings. */
  reset(): void;
}

/**
 * Starts Event Grid: what the registry reports goes, on the clock of the local cloud, to a queue of the local Service Bus.
 * @throws UsageError when the configuration is wrong or there is no such queue.
 */
export function startEventGrid({
  context,
  registry,
  serviceBus,
  ...options
}: EventGridOptions): RunningEventGrid {
  const config = readPartConfig('eventGrid', eventGridConfigSchema, options.config ?? {});
  if (!serviceBus.hasEntrance(config.queue))
    throw new UsageError(`eventGrid: queue: Service Bus has no queue or topic ${config.queue}`);
  const atStart = changeEventGridSettings(defaultEventGridSettings, config.settings);
  let settings = atStart;

  const send = (message: EventMessage, tries: number): boolean => {
    if (!context.faults.isReachable('service-bus')) return false;
    try {
      serviceBus.deliver(config.queue, eventMessage(message, config.subscriptionName, tries));
      return true;
    } catch (error) {
      if (error instanceof ServiceBusError) return false;
      throw error;
    }
  };
  const deliveries = new RetriedDeliveries(context.clock, send);
  const subscription = new EventSubscription({
    clock: context.clock,
    seed: config.seed,
    settings: () => settings,
    deliver: (message) => deliveries.deliver(message),
  });
  const forget = () => {
    subscription.clear();
    deliveries.clear();
  };
  const stopListening = registry.onActivity((activity) => {
    if (isWanted(activity, settings)) subscription.take(resourceEvent(activity, settings));
  });
  registry.showEventGrid(() =>
    settings.enabled
      ? {
          name: config.subscriptionName,
          queue: config.queue,
          schema: settings.schema === 'event-grid' ? 'EventGridSchema' : 'CloudEventSchemaV1_0',
          eventTypes: Object.values(eventTypes),
          operationNames: settings.operationNames,
        }
      : undefined,
  );
  return {
    endpoints: {},
    environment: {},
    settings: () => settings,
    updateSettings: (changes) => {
      settings = changeEventGridSettings(settings, changes);
      if (!settings.enabled) forget();
      return settings;
    },
    reset: () => {
      settings = atStart;
      forget();
    },
    close: async () => {
      stopListening();
      forget();
    },
  };
}

function isWanted({ operationName }: RegistryActivity, settings: EventGridSettings): boolean {
  const name = operationName.toLowerCase();
  return settings.enabled && settings.operationNames.some((wanted) => wanted.toLowerCase() === name);
}
