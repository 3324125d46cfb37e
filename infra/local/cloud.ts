import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Certificates, openCertificates } from './certificates.ts';
import { MovableClock } from './clock.ts';
import { appClientId, type CloudConfig } from './cloud-config.ts';
import { type StartablePart, startableParts } from './command-line.ts';
import type { ControlledCloud } from './control/control-api.ts';
import { Faults } from './control/faults.ts';
import { RequestHistory } from './control/request-history.ts';
import { serveControlApi } from './control/serve-control-api.ts';
import { type RunningEventGrid, startEventGrid } from './event-grid/start-event-grid.ts';
import { AccessTokens } from './identity/access-tokens.ts';
import { startIdentity } from './identity/start-identity.ts';
import { type RunningKeyVaults, startKeyVaults } from './key-vault/start-key-vaults.ts';
import type { ListenAddress, PartContext, RunningPart } from './part.ts';
import { withPartOnPort } from './part-ports.ts';
import { startImageRegistries } from './registry/image-registries.ts';
import { type RunningRegistry, startRegistry } from './registry/start-registry.ts';
import { type RunningServiceBus, startServiceBus } from './service-bus/start-service-bus.ts';
import { startStorage } from './storage/start-storage.ts';

export interface CloudOptions {
  readonly config: CloudConfig;
  /** Certificates and keys stay here from start to start; the data of storage and images does not. */
  readonly dataFolder: string;
  /** Starts this part alone, and the control API on any free port. */
  readonly only?: StartablePart | undefined;
  /** The first port of the one part. */
  readonly port?: number | undefined;
}

export interface RunningCloud {
  /** Part, name and address of every endpoint. */
  readonly endpoints: ReadonlyArray<readonly [part: string, name: string, address: string]>;
  /** Points the unchanged official clients at this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  readonly controlUrl: string;
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly history: RequestHistory;
  close(): Promise<void>;
}

interface Ground {
  readonly config: CloudConfig;
  readonly dataFolder: string;
  readonly context: PartContext;
  readonly certificates: Certificates;
  readonly accessTokens: AccessTokens;
  at(port: number): ListenAddress;
}

interface RunningParts {
  identity?: RunningPart;
  storage?: RunningPart;
  'service-bus'?: RunningServiceBus;
  registry?: RunningRegistry;
  'key-vault'?: RunningKeyVaults;
  'event-grid'?: RunningEventGrid;
}

/**
 * Starts the local cloud, or one part of it, and resolves when every part is healthy.
 * @throws UsageError when a port is taken or the config is wrong; nothing runs then.
 */
export async function startCloud(options: CloudOptions): Promise<RunningCloud> {
  const { only, port } = options;
  const dataFolder = resolve(options.dataFolder);
  const config = only && port !== undefined ? withPartOnPort(options.config, only, port) : options.config;
  const clock = new MovableClock();
  const faults = new Faults();
  const history = new RequestHistory(() => clock.now());
  const certificates = await openCertificates(join(dataFolder, 'certificates'));
  const accessTokens = await AccessTokens.open(
    join(dataFolder, 'identity', 'signing-key.json'),
    config.identities,
  );
  const at = (listenPort: number) => ({ host: config.host, port: listenPort });
  const ground: Ground = {
    config,
    dataFolder,
    context: { clock, faults, history },
    certificates,
    accessTokens,
    at,
  };

  const parts: RunningParts = {};
  const close = async () => {
    clock.close();
    await Promise.all(Object.values(parts).map((part) => part.close()));
  };
  try {
    await startParts(only ? [only] : startableParts, ground, parts);
    connectEventGrid(ground, parts);
    const control = await serveControlApi(
      controlled({ clock, faults, history, parts }),
      at(only ? 0 : config.ports.control),
    );
    return {
      endpoints: endpointRows(parts, control.url),
      environment: environmentOf(parts, control.url, certificates),
      controlUrl: control.url,
      clock,
      faults,
      history,
      close: async () => {
        await Promise.all([control.close(), close()]);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  names: readonly StartablePart[],
  ground: Ground,
  parts: RunningParts,
): Promise<void> {
  const results = await Promise.allSettled(names.map((name) => starters[name](ground, parts)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

const starters: Record<StartablePart, (ground: Ground, parts: RunningParts) => Promise<void>> = {
  async identity({ config, at, ...ground }, parts) {
    parts.identity = await startIdentity({ ...ground, address: at(config.ports.identity) });
  },
  async storage({ config, at, dataFolder, ...ground }, parts) {
    const { blob, queue, table } = config.ports;
    parts.storage = await startStorage({
      ...ground,
      addresses: { blob: at(blob), queue: at(queue), table: at(table) },
      dataFolder: join(dataFolder, 'storage'),
    });
  },
  async 'service-bus'({ config, at, ...ground }, parts) {
    parts['service-bus'] = await startServiceBus({
      ...ground,
      address: at(config.ports.serviceBus),
      config: config.serviceBus,
      appClientId: appClientId(config),
      tls: {
        address: at(config.ports.serviceBusTls),
        key: ground.certificates.key,
        cert: ground.certificates.cert,
      },
    });
  },
  async registry({ config, at, dataFolder, ...ground }, parts) {
    const imageFolder = join(dataFolder, 'images');
    await rm(imageFolder, { recursive: true, force: true });
    const images = await startImageRegistries(config.registry, imageFolder);
    try {
      const registry = await startRegistry({
        ...ground,
        config: images.config,
        resourceManagerAddress: at(config.ports.resourceManager),
        loginServerHost: config.host,
      });
      parts.registry = {
        ...registry,
        close: async () => {
          await Promise.all([registry.close(), images.close()]);
        },
      };
    } catch (error) {
      await images.close();
      throw error;
    }
  },
  async 'key-vault'({ config, at, ...ground }, parts) {
    parts['key-vault'] = await startKeyVaults({ ...ground, address: at(0), config: config.keyVault });
  },
};

/** Event Grid is no part that listens: it leads from the registry to Service Bus, and is there when both are. */
function connectEventGrid({ config, context }: Ground, parts: RunningParts): void {
  const { registry, 'service-bus': serviceBus } = parts;
  if (registry && serviceBus)
    parts['event-grid'] = startEventGrid({ config: config.eventGrid, context, registry, serviceBus });
}

interface Controlled {
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly history: RequestHistory;
  readonly parts: RunningParts;
}

function controlled({ clock, faults, history, parts }: Controlled): ControlledCloud {
  return {
    clock,
    faults,
    history,
    issuedPasswords: () => parts.registry?.issuedPasswords() ?? [],
    issuedLoginTokens: () => parts.registry?.issuedLoginTokens() ?? [],
    registrySettings: () => parts.registry?.settings() ?? {},
    changeRegistrySettings: (changes) => parts.registry?.updateSettings(changes) ?? {},
    eventGridSettings: () => parts['event-grid']?.settings() ?? {},
    changeEventGridSettings: (changes) => parts['event-grid']?.updateSettings(changes) ?? {},
    heldMessages: () => parts['service-bus']?.heldMessages() ?? [],
    reset: async () => {
      faults.clear();
      await Promise.all(Object.values(parts).map((part) => part.reset()));
      history.clear();
    },
  };
}

function endpointRows(parts: RunningParts, controlUrl: string): [string, string, string][] {
  const rows = startableParts.flatMap((part) =>
    Object.entries(parts[part]?.endpoints ?? {}).map(([name, address]): [string, string, string] => [
      part,
      name,
      address,
    ]),
  );
  return [...rows, ['control', 'control API', controlUrl]];
}

function environmentOf(
  parts: RunningParts,
  controlUrl: string,
  certificates: Certificates,
): Record<string, string> {
  const ofParts = Object.values(parts).map((part) => part.environment);
  return Object.assign(
    { KEYTURN_LOCAL_CONTROL_URL: controlUrl, NODE_EXTRA_CA_CERTS: certificates.authorityFile },
    ...ofParts,
  );
}
