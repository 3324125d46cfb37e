import type { FunctionDefinition, ServiceBusTrigger } from '../app/function-definition.ts';
import type { FunctionCaller } from '../invocations/function-caller.ts';
import type { HostLog } from '../log/host-log.ts';
import type { ServiceBusSettings } from '../settings/host-json.ts';
import { waitAtMost } from '../wait-at-most.ts';
import { listenForBatches } from './batch-message-listener.ts';
import type { MessageListener } from './message-listener.ts';
import type { ServiceBusConnections } from './service-bus-connections.ts';
import { listenForMessages } from './single-message-listener.ts';

export interface ServiceBusTriggersOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly connections: ServiceBusConnections;
  readonly settings: ServiceBusSettings;
  readonly caller: FunctionCaller;
  readonly log: HostLog;
  readonly keepEmptyEntries: boolean;
}

/** A move of the clock waits so long for calls under way; what takes longer waits for something else. Milliseconds. */
const patience = 1000;

/** The Service Bus functions of an app. */
export class ServiceBusTriggers {
  readonly #options: ServiceBusTriggersOptions;
  readonly #listeners: MessageListener[] = [];
  readonly #calls = new Set<Promise<unknown>>();

  constructor(options: ServiceBusTriggersOptions) {
    this.#options = options;
  }

  /** Starts to receive. A broker that cannot be reached is tried again and again. */
  async start(): Promise<void> {
    for (const definition of this.#options.definitions) {
      const { trigger } = definition;
      if (trigger.kind === 'serviceBus' && !definition.isDisabled)
        this.#listeners.push(await this.#listen(definition, trigger));
    }
  }

  /** Resolves when the calls that are under way have ended, or take long. */
  async caughtUp(): Promise<void> {
    const ended = Promise.all(this.#calls).then(() => undefined);
    await waitAtMost(patience, ended);
  }

  /** Stops receiving, and resolves when the calls under way have ended and their messages are settled. */
  async stop(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
  }

  async #listen(definition: FunctionDefinition, trigger: ServiceBusTrigger): Promise<MessageListener> {
    const { connections, settings, log, keepEmptyEntries } = this.#options;
    const caller = { call: this.#call };
    const client = await connections.client(trigger.connection);
    const listen = trigger.cardinality === 'many' ? listenForBatches : listenForMessages;
    return listen({ definition, trigger, client, settings, caller, log, keepEmptyEntries });
  }

  readonly #call: FunctionCaller['call'] = async (definition, call) => {
    const ending = this.#options.caller.call(definition, call);
    this.#calls.add(ending);
    const end = await ending;
    this.#calls.delete(ending);
    return end;
  };
}
