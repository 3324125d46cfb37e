import { z } from 'zod';
import { eventGridSettingsSchema } from './event-grid-settings.ts';

/** The event subscription on the resource groups of the registries. */
export const eventGridConfigSchema = z.strictObject({
  /** The Service Bus queue or topic that it delivers to. */
  queue: z.string().min(1).default('registry-activity'),
  subscriptionName: z.string().min(1).default('registry-activity'),
  /** Decides which events are late or come twice; the same seed gives the same run. */
  seed: z.string().default('keyturn'),
  /** Settings that differ from the defaults at the start. */
  settings: eventGridSettingsSchema.partial().default({}),
});

export type EventGridConfig = z.output<typeof eventGridConfigSchema>;
