import { connect, type Ports } from '../adapters/connect.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { loadConfiguration } from '../application/load-configuration.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { operatorCredentials } from './operator-credentials.ts';
import { useSettings } from './settings-file.ts';
import { UsageError } from './usage-error.ts';

/** What a command works with: the configuration of the app, and its doors to the outside. */
export interface OpenPorts {
  readonly configuration: Configuration;
  readonly ports: Ports;
}

/**
 * Opens everything by the settings of the process and of files, as the app would.
 *
 * @throws UsageError, ConfigurationError
 */
export function openPorts(settingsFiles: readonly string[]): OpenPorts {
  const environment = useSettings(settingsFiles);
  const configuration = loadConfiguration(environment);
  return {
    configuration,
    ports: connect(configuration, environment, systemClock, operatorCredentials(environment)),
  };
}

/**
 * The registries that a command is about: those that are named, or all.
 *
 * @throws UsageError that names one that is not configured
 */
export function chosenRegistries(named: readonly string[], { registries }: Configuration): string[] {
  const unknown = named.find((name) => !registries.has(name));
  if (unknown !== undefined)
    throw new UsageError(
      `The registry ${unknown} is not configured; there are: ${[...registries.keys()].join(', ')}.`,
    );
  return named.length > 0 ? [...named] : [...registries.keys()];
}
