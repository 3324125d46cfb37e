import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type RunningCloud, startCloud } from '../cloud.ts';
import { onFreePorts, readCloudConfig } from '../cloud-config.ts';
import { ControlClient } from '../control/control-client.ts';
import { environmentFileText } from '../environment-file.ts';
import { type AddressedConfiguration, appSettings } from '../keyturn/app-settings.ts';
import type { DemoCommand } from './command-line.ts';
import { type KeyturnProcess, startKeyturn } from './keyturn-process.ts';

/** How fast the demo's registry is. */
export const registryReplicationSeconds = 1;

/** The local cloud in this process and Keyturn in another one. */
export interface DemoService {
  readonly cloud: RunningCloud;
  readonly control: ControlClient;
  readonly keyturn: KeyturnProcess;
  /** Of the cloud's clients. */
  readonly environmentFile: string;
  close(): Promise<void>;
}

/**
 * Starts the local cloud, then Keyturn. Afterwards clients in this process find the cloud in the environment and trust it.
 * @throws UsageError when a port is taken; nothing runs then.
 */
export async function startService(command: DemoCommand): Promise<DemoService> {
  const dataFolder = resolve(command.dataFolder);
  const shipped = await readCloudConfig(join(import.meta.dirname, '..', 'cloud.config.json'));
  const config = command.freePorts ? onFreePorts(shipped) : shipped;
  const cloud = await startCloud({ config, dataFolder });
  try {
    const control = new ControlClient(cloud.controlUrl);
    await control.changeRegistrySettings({
      pollsUntilDone: 0,
      replicationSeconds: registryReplicationSeconds,
    });
    const environmentFile = join(command.dataFolder, 'cloud.env');
    await mkdir(dataFolder, { recursive: true });
    await writeFile(environmentFile, environmentFileText(cloud.environment));
    await useEnvironment(cloud.environment);
    const keyturn = await startKeyturn({
      settings: appSettings(cloud, await demoConfiguration()),
      dataFolder,
      port: command.port,
      controlUrl: cloud.controlUrl,
    });
    const close = async () => {
      await Promise.all([keyturn.stop(), cloud.close()]);
    };
    return { cloud, control, keyturn, environmentFile, close };
  } catch (error) {
    await cloud.close();
    throw error;
  }
}

/** As `set -a; . cloud.env` does for a process that is yet to start. */
async function useEnvironment(environment: Readonly<Record<string, string>>): Promise<void> {
  Object.assign(process.env, environment);
  const authority = await readFile(environment.NODE_EXTRA_CA_CERTS ?? '', 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), authority]);
}

/** As shipped, but that timers run seldom, so that the clock stops less often on its way through months. */
async function demoConfiguration(): Promise<AddressedConfiguration> {
  const file = join(import.meta.dirname, '..', 'keyturn', 'configuration.json');
  const configuration = JSON.parse(await readFile(file, 'utf8')) as AddressedConfiguration;
  const monthly = '0 0 0 1 * *';
  const seldom = {
    reconcile: { schedule: '0 0 0 * * *', registriesSchedule: '0 7 0 1 * *' },
    metrics: { schedule: monthly },
    alerting: { schedule: monthly, heartbeat: monthly },
  };
  return { ...configuration, ...seldom };
}
