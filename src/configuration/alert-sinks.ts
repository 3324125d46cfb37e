import type { AlertingConfiguration, AlertSeverity, SinkFormat } from './alerting-document.ts';
import type { Misplacement } from './misplacements.ts';
import { ConfigurationError } from './read-configuration.ts';

/** A sink with what its settings say. Address and key are secrets: they are in no log, error or message. */
export interface AlertSink {
  readonly name: string;
  readonly format: SinkFormat;
  readonly severities: readonly AlertSeverity[];
  readonly allowedHosts: readonly string[];
  readonly privateAddresses: readonly string[];
  /** Undefined: a reference to a key vault that Azure has not resolved. */
  readonly url: URL | undefined;
  readonly signingKey: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What Azure leaves in the place of a secret that it could not get. */
const unresolved = /^@Microsoft\.KeyVault\(/i;

/**
 * The sinks by name, with addresses and keys from the app's settings.
 *
 * @throws ConfigurationError that names the setting, never its value
 */
export function alertSinks(
  { sinks }: AlertingConfiguration,
  environment: Environment,
): ReadonlyMap<string, AlertSink> {
  return new Map(
    sinks.map((sink) => {
      const setting = (key: string) => `AlertSinks__${sink.name}__${key}`;
      const url = addressOf(setting('url'), environment, sink.allowedHosts);
      const signingKey = environment[setting('signingKey')] || undefined;
      const isKnown = signingKey === undefined || !unresolved.test(signingKey);
      return [sink.name, { ...sink, url: isKnown ? url : undefined, signingKey }];
    }),
  );
}

function addressOf(path: string, environment: Environment, allowedHosts: readonly string[]): URL | undefined {
  const text = environment[path];
  if (!text) throw new ConfigurationError([{ path, violation: 'missing' }]);
  if (unresolved.test(text)) return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new ConfigurationError([{ path, violation: 'invalidUrl' }]);
  if (allowedHosts.includes(url.host)) return url;
  throw new ConfigurationError([{ path, violation: 'hostNotAllowed' satisfies Misplacement }]);
}
