import { readFileSync } from 'node:fs';
import type { Configuration } from '../configuration/configuration.ts';
import {
  ConfigurationError,
  configurationFileSetting,
  configurationSource,
  parseConfiguration,
} from '../configuration/read-configuration.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration that the settings hold, or name a file of. @throws ConfigurationError with all that is wrong */
export function loadConfiguration(environment: Environment): Configuration {
  const source = configurationSource(environment);
  if ('text' in source) return parseConfiguration(source.text);
  let text: string;
  try {
    text = readFileSync(source.file, 'utf8');
  } catch {
    throw new ConfigurationError([{ path: configurationFileSetting, violation: 'unreadableFile' }]);
  }
  return parseConfiguration(text);
}
