import type { z } from 'zod';
import type { Certificates } from '../certificates.ts';
import { type RunningServer, serve } from '../http/serve.ts';
import type { AccessTokens } from '../identity/access-tokens.ts';
import type { ListenAddress, PartContext, RunningPart } from '../part.ts';
import { readPartConfig } from '../part-config.ts';
import type { ContainerRegistry } from './container-registry.ts';
import { createLoginServerApp } from './login-server/login-server.ts';
import { loginServerErrorAnswer } from './login-server/login-server-error.ts';
import { Nodes } from './login-server/nodes.ts';
import { RegistryAccessTokens } from './login-server/registry-access-tokens.ts';
import { registryConfigSchema } from './registry-config.ts';
import type { RegistrySettings } from './registry-settings.ts';
import { type RegistryActivity, RegistryStore } from './registry-store.ts';
import type { ShownEventSubscription } from './resource-manager/event-grid-requests.ts';
import { Operations } from './resource-manager/operations.ts';
import { RequestLimits } from './resource-manager/request-limits.ts';
import { createResourceManagerApp } from './resource-manager/resource-manager-app.ts';
import { resourceManagerErrorAnswer } from './resource-manager/service-error.ts';

export interface RegistryOptions {
  readonly config?: z.input<typeof registryConfigSchema>;
  readonly resourceManagerAddress: ListenAddress;
  /** The address that the login servers listen on; their ports are in the configuration. */
  readonly loginServerHost: string;
  readonly context: PartContext;
  readonly certificates: Pick<Certificates, 'key' | 'cert'>;
  readonly accessTokens: AccessTokens;
}

export interface RunningRegistry extends RunningPart {
  /** Every password value that was ever issued, also before a reset. */
  issuedPasswords(): readonly string[];
  /** The access tokens that the login servers issued last, at least 20,000 of them, oldest first. */
  issuedLoginTokens(): readonly string[];
  settings(): RegistrySettings;
  /** @throws z.ZodError when a change does not fit; nothing is changed then. */
  updateSettings(changes: unknown): RegistrySettings;
  /** Calls `listener` after each change that Azure Resource Manager let through, until the returned function is called. */
  onActivity(listener: (activity: RegistryActivity) => void): () => void;
  /** From now on Azure Resource Manager shows the event subscription that this returns, if any. */
  showEventGrid(subscription: () => ShownEventSubscription | undefined): void;
  reset(): void;
}

/**
 * Starts Azure Resource Manager for the configured registries, and a login server for each of them.
 * @throws UsageError when the configuration is wrong or a port is taken; nothing listens then.
 */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const config = readPartConfig('registry', registryConfigSchema, options.config ?? {});
  const store = new RegistryStore(config, options.context.clock);
  const operations = new Operations(store);
  const limits = new RequestLimits();
  const servers: RunningServer[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    const endpoints: Record<string, string> = {};
    const accessTokens = await RegistryAccessTokens.create();
    for (const registry of store.registries) {
      servers.push(await serveLoginServer(options, store, registry, accessTokens));
      endpoints[`login-server ${registry.name}`] = `https://${registry.loginServer}`;
    }
    const resourceManager = await serve({
      part: 'resource-manager',
      app: createResourceManagerApp({ store, operations, limits, accessTokens: options.accessTokens }),
      address: options.resourceManagerAddress,
      tls: options.certificates,
      errorAnswer: resourceManagerErrorAnswer,
      context: options.context,
    });
    servers.push(resourceManager);
    const endpoint = `https://localhost:${resourceManager.port}`;
    return {
      endpoints: { 'resource-manager': endpoint, ...endpoints },
      environment: environmentOf(endpoint, store),
      issuedPasswords: () => store.issuedPasswords,
      issuedLoginTokens: () => accessTokens.issued,
      settings: () => store.settings,
      updateSettings: (changes) => store.updateSettings(changes),
      onActivity: (listener) => store.onActivity(listener),
      showEventGrid: (subscription) => {
        store.eventGrid = subscription;
      },
      reset: () => {
        store.reset();
        operations.reset();
        limits.reset();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serveLoginServer(
  { loginServerHost, certificates, context }: RegistryOptions,
  store: RegistryStore,
  registry: ContainerRegistry,
  accessTokens: RegistryAccessTokens,
): Promise<RunningServer> {
  const nodes = new Nodes(registry.config.nodes, `${store.config.seed}/${registry.name}`);
  const server = await serve({
    part: 'login-server',
    app: createLoginServerApp({ registry, store, accessTokens, nodes }),
    address: { host: loginServerHost, port: registry.config.loginServerPort },
    tls: certificates,
    errorAnswer: loginServerErrorAnswer,
    context,
  });
  registry.loginServer = `localhost:${server.port}`;
  return server;
}

function environmentOf(endpoint: string, { registries }: RegistryStore): Record<string, string> {
  const [first] = registries;
  return {
    AZURE_RESOURCE_MANAGER_ENDPOINT: endpoint,
    ...(first ? { REGISTRY_RESOURCE_ID: first.id } : {}),
  };
}
