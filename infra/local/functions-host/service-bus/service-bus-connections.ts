import type { RetryOptions, ServiceBusClient } from '@azure/service-bus';
import type { AppSettings, ConnectionSetting } from '../settings/app-settings.ts';
import type { ServiceBusSettings } from '../settings/host-json.ts';

/** The clients of an app's Service Bus connections, one for each setting; made when first asked for. */
export class ServiceBusConnections {
  readonly #settings: AppSettings;
  readonly #retryOptions: RetryOptions;
  readonly #clients = new Map<string, Promise<ServiceBusClient>>();

  constructor(settings: AppSettings, { clientRetryOptions }: ServiceBusSettings) {
    this.#settings = settings;
    this.#retryOptions = toRetryOptions(clientRetryOptions);
  }

  /** @throws UsageError when the setting is missing. */
  client(setting: string | undefined): Promise<ServiceBusClient> {
    const name = setting ?? '';
    let client = this.#clients.get(name);
    if (!client) {
      client = createClient(this.#settings.connection(setting), this.#retryOptions);
      this.#clients.set(name, client);
    }
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map(async (client) => (await client).close()));
  }
}

/** The libraries are loaded only for apps that need them: they would double the start-up time of the others. */
async function createClient(
  connection: ConnectionSetting,
  retryOptions: RetryOptions,
): Promise<ServiceBusClient> {
  const { ServiceBusClient } = await import('@azure/service-bus');
  if (connection.kind === 'connectionString')
    return new ServiceBusClient(connection.connectionString, { retryOptions });
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  const { fullyQualifiedNamespace, clientId } = connection;
  const credential = clientId ? new ManagedIdentityCredential({ clientId }) : new DefaultAzureCredential();
  return new ServiceBusClient(fullyQualifiedNamespace, credential, { retryOptions });
}

/** With the real extension's defaults, which the JavaScript client does not share: it would pause for 30 s. */
function toRetryOptions(options: ServiceBusSettings['clientRetryOptions']): RetryOptions {
  const { mode = 'exponential', tryTimeout, delay = 800, maxDelay = 60_000, maxRetries = 3 } = options ?? {};
  return {
    mode: mode.toLowerCase() === 'fixed' ? 1 : 0,
    ...(tryTimeout === undefined ? {} : { timeoutInMs: tryTimeout }),
    retryDelayInMs: delay,
    maxRetryDelayInMs: maxDelay,
    maxRetries,
  };
}
