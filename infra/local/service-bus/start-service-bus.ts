import type { AccessTokens } from '../identity/access-tokens.ts';
import type { ListenAddress, PartContext, RunningPart } from '../part.ts';
import type { Broker } from './broker.ts';
import { emulatorConnectionString, identityConnection } from './client-environment.ts';
import { type ClientListener, listenForClients } from './client-listener.ts';
import { type DeliveredMessage, deliverMessage, hasEntrance } from './deliver-message.ts';
import { readEmulatorConfig } from './emulator-config.ts';
import { type HeldMessage, heldMessages } from './held-messages.ts';
import { Namespace } from './namespace.ts';
import { OperationGate } from './operation-gate.ts';

export interface ServiceBusOptions {
  /** For AMQP without TLS, as the official emulator speaks it; its port is 5672. */
  readonly address: ListenAddress;
  readonly context: PartContext;
  /** The content of the official emulator's `Config.json`; it is checked here. */
  readonly config: unknown;
  /** Lets clients with an identity in. Without it only the emulator's key does. */
  readonly accessTokens?: AccessTokens | undefined;
  /** A second listener with TLS, for clients that are given a namespace's host name, and so port 5671. */
  readonly tls?: { readonly address: ListenAddress; readonly key: string; readonly cert: string } | undefined;
  /** Client id of the user-assigned identity that the app enters with; without it, with the system-assigned one. */
  readonly appClientId?: string | undefined;
}

export interface RunningServiceBus extends RunningPart {
  /** Every message that is held anywhere, dead-letter queues included. */
  heldMessages(): HeldMessage[];
  /** Whether there is a queue or topic of that name. */
  hasEntrance(entity: string): boolean;
  /**
   * Puts a message into a queue or topic without a connection, past faults and history, as other services of the cloud do.
   * @throws ServiceBusError when there is no such queue or topic, or the message is too large
   */
  deliver(entity: string, message: DeliveredMessage): void;
}

/**
 * Starts the local Service Bus: queues, topics and subscriptions over AMQP 1.0, in memory. Scheduled messages, times to live,
 * enqueued times and duplicate detection follow the clock of the local cloud; message locks are the machine's time.
 * @throws UsageError when the configuration is wrong or asks for what is not supported, or a port is taken
 */
export async function startServiceBus(options: ServiceBusOptions): Promise<RunningServiceBus> {
  const { address, context, tls } = options;
  const namespace = new Namespace(readEmulatorConfig(options.config), context.clock);
  const gate = new OperationGate(context);
  const broker: Broker = { namespace, gate, accessTokens: options.accessTokens };
  const common = { broker, faults: context.faults };
  const plain = await listenForClients({ ...common, address, tls: undefined });
  const secure = tls && (await listenSecurely(plain, { ...common, address: tls.address, tls }));
  const host = urlHost(address.host);
  return {
    endpoints: {
      'service-bus': `amqp://${host}:${plain.port}`,
      ...(tls && secure ? { 'service-bus-tls': `amqps://${urlHost(tls.address.host)}:${secure.port}` } : {}),
    },
    environment: {
      ...(tls && secure && options.accessTokens
        ? identityConnection({ ...tls.address, port: secure.port }, options.appClientId)
        : {}),
      ...emulatorConnectionString(`${host}:${plain.port}`),
    },
    reset: () => namespace.clear(),
    heldMessages: () => heldMessages(namespace),
    hasEntrance: (entity) => hasEntrance(namespace, entity),
    deliver: (entity, message) => deliverMessage(namespace, entity, message),
    close: async () => {
      gate.close();
      await Promise.all([plain.close(), secure?.close()]);
      namespace.clear();
    },
  };
}

async function listenSecurely(
  plain: ClientListener,
  options: Parameters<typeof listenForClients>[0],
): Promise<ClientListener> {
  try {
    return await listenForClients(options);
  } catch (error) {
    await plain.close();
    throw error;
  }
}

/** Clients cannot reach "any address" on every system. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
