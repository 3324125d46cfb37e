/** A function that this host can run, its options resolved and checked. */
export interface FunctionDefinition {
  readonly id: string;
  readonly name: string;
  /** Name of the trigger's binding, under which its input goes to the worker. */
  readonly triggerName: string;
  readonly trigger: Trigger;
  readonly durableClients: readonly DurableClientInput[];
  readonly outputs: readonly ServiceBusOutput[];
  /** Switched off by a setting: it is loaded and can be run by hand, but nothing triggers it. */
  readonly isDisabled: boolean;
  readonly retry: RetryOptions | undefined;
}

export type Trigger =
  | HttpTrigger
  | TimerTrigger
  | ServiceBusTrigger
  | { readonly kind: 'orchestration' }
  | { readonly kind: 'activity' };

export interface HttpTrigger {
  readonly kind: 'http';
  /** Without the prefix of host.json and without slashes at its ends. */
  readonly route: string;
  /** In capitals; undefined means all. */
  readonly methods: readonly string[] | undefined;
  readonly authLevel: 'anonymous' | 'function' | 'admin';
}

export interface TimerTrigger {
  readonly kind: 'timer';
  readonly schedule: string;
  readonly runOnStartup: boolean;
  readonly useMonitor: boolean;
}

export interface ServiceBusTrigger {
  readonly kind: 'serviceBus';
  readonly source: ServiceBusSource;
  /** Name of the connection's setting. */
  readonly connection: string | undefined;
  readonly cardinality: 'one' | 'many';
  readonly dataType: 'string' | 'binary';
  /** undefined leaves it to host.json. */
  readonly autoCompleteMessages: boolean | undefined;
}

export type ServiceBusSource =
  | { readonly queue: string }
  | { readonly topic: string; readonly subscription: string };

/** A `durableClient` input. */
export interface DurableClientInput {
  readonly bindingName: string;
  readonly taskHub: string | undefined;
  readonly connectionName: string | undefined;
}

export interface ServiceBusOutput {
  /** The binding's name, or `$return`. */
  readonly bindingName: string;
  /** Queue or topic. */
  readonly entity: string;
  readonly connection: string | undefined;
}

/** Durations in milliseconds; `maxRetryCount` -1 is without end. */
export type RetryOptions =
  | { readonly strategy: 'fixedDelay'; readonly maxRetryCount: number; readonly delay: number }
  | {
      readonly strategy: 'exponentialBackoff';
      readonly maxRetryCount: number;
      readonly minimum: number;
      readonly maximum: number;
    };
