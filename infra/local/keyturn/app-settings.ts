import type { RunningCloud } from '../cloud.ts';

/** As much of Keyturn's configuration as holds addresses. */
export interface AddressedConfiguration {
  readonly registries: Readonly<Record<string, object>>;
  readonly vaults: Readonly<Record<string, object>>;
  readonly cloud?: object;
  readonly [section: string]: unknown;
}

/** The identity `keyturn` of `cloud.config.json`: it may do what the app needs, and nothing else. */
export const keyturnClientId = '0a0a0a0a-0000-4000-8000-000000000002';

/**
 * The settings with which the app runs against a local cloud, wherever its ports are: what the infrastructure sets on
 * Azure. Registries and vaults of the configuration are those of the cloud with the same names.
 */
export function appSettings(
  { environment, endpoints }: Pick<RunningCloud, 'environment' | 'endpoints'>,
  configuration: AddressedConfiguration,
): Record<string, string> {
  const addressOf = (name: string) => {
    const address = endpoints.find(([, endpoint]) => endpoint === name)?.[2];
    if (address === undefined) throw new Error(`The local cloud has no ${name}.`);
    return address;
  };
  const registries = mapValues(configuration.registries, (name, registry) => ({
    ...registry,
    loginServer: new URL(addressOf(`login-server ${name}`)).host,
  }));
  const vaults = mapValues(configuration.vaults, (name, vault) => ({
    ...vault,
    url: addressOf(`key vault ${name}`),
  }));
  const cloud = { ...configuration.cloud, armEndpoint: addressOf('resource-manager') };
  return {
    ...environment,
    AZURE_LOG_LEVEL: 'warning',
    KEYTURN_CONFIGURATION: JSON.stringify({ ...configuration, registries, vaults, cloud }),
    ServiceBus__clientId: keyturnClientId,
    Records__tableServiceUri: addressOf('table storage'),
    Records__clientId: keyturnClientId,
  };
}

function mapValues<Value>(
  values: Readonly<Record<string, object>>,
  change: (name: string, value: object) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(name, value)]));
}
