import type { AlertSink } from '../configuration/alert-sinks.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { AlertStore } from '../ports/alert-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { MessageSender } from '../ports/message-sender.ts';
import type { ErrorDescription } from '../ports/trouble.ts';
import type { Webhook } from '../ports/webhook.ts';

/** All that alerting needs of the outside. */
export interface AlertingPorts {
  readonly configuration: Pick<Configuration, 'alerting' | 'messaging' | 'registries'>;
  readonly sinks: ReadonlyMap<string, AlertSink>;
  readonly alerts: AlertStore;
  readonly messages: MessageSender;
  readonly webhook: Webhook;
  readonly clock: Clock;
  /** Lets some milliseconds go by. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Tells the log of what went wrong and does not keep anything from going on. */
  readonly report: (trouble: ErrorDescription) => void;
}
