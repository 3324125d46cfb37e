import { loadConfiguration } from '../../../application/load-configuration.ts';
import type { Configuration } from '../../../configuration/configuration.ts';
import {
  archiveConnection,
  archiveConnectionName,
  type Connection,
  recordsConnection,
  recordsConnectionName,
  serviceBusConnection,
  serviceBusConnectionName,
} from '../../../configuration/connections.ts';
import { checkHttpAuthentication } from '../../../configuration/http-authentication.ts';
import {
  ConfigurationError,
  configurationFileSetting,
  configurationSetting,
  problemText,
} from '../../../configuration/read-configuration.ts';
import { type Diagnosis, ok, red, warn } from '../diagnosis.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the settings say, as far as it can be read. */
export interface ReadSettings {
  readonly diagnoses: readonly Diagnosis[];
  readonly configuration: Configuration | undefined;
  readonly serviceBus: Connection | undefined;
  readonly records: Connection | undefined;
  readonly archive: ReturnType<typeof archiveConnection>;
}

const configurationRemedy = 'Correct it as docs/configuration.md says; the app does not start so.';
const connectionRemedy = 'Set it as docs/configuration.md says under "Connections".';

/** The settings that the app reads, read as it does. Every problem is a line of its own. */
export function readSettings(environment: Environment): ReadSettings {
  const diagnoses: Diagnosis[] = [];
  const attempt = <Value>(remedy: string, read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      for (const problem of error.problems) {
        const [name = '', ...says] = problemText(problem).split(': ');
        diagnoses.push(red({ kind: 'setting', name }, says.join(': '), remedy));
      }
      return undefined;
    }
  };
  const configuration = attempt(configurationRemedy, () => loadConfiguration(environment));
  if (configuration) diagnoses.push(configurationDiagnosis(configuration, environment));
  if (configuration) attempt(configurationRemedy, () => checkHttp(configuration, environment, diagnoses));
  const serviceBus = attempt(connectionRemedy, () => serviceBusConnection(environment));
  const suffix = configuration?.cloud.storageSuffix ?? 'core.windows.net';
  const records = attempt(connectionRemedy, () => recordsConnection(environment, suffix));
  const archive = archiveConnection(environment);
  const expected = configuration?.identity.clientId;
  if (serviceBus)
    diagnoses.push(connectionDiagnosis(serviceBusConnectionName, serviceBus, expected, environment));
  if (records) diagnoses.push(connectionDiagnosis(recordsConnectionName, records, expected, environment));
  if (archive)
    diagnoses.push(
      connectionDiagnosis(archiveConnectionName, { kind: 'identity', ...archive }, expected, environment),
    );
  return { diagnoses, configuration, serviceBus, records, archive };
}

function configurationDiagnosis(
  { entrances, registries, vaults }: Configuration,
  environment: Environment,
): Diagnosis {
  const name = environment[configurationSetting] ? configurationSetting : configurationFileSetting;
  const counts = [
    counted(entrances.size, 'entrance', 'entrances'),
    counted(registries.size, 'registry', 'registries'),
    counted(vaults.size, 'vault', 'vaults'),
  ];
  return ok({ kind: 'setting', name }, `is valid: ${counts.join(', ')}`);
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Whether App Service Authentication is on, only the app itself sees. */
function checkHttp({ http }: Configuration, environment: Environment, diagnoses: Diagnosis[]): void {
  const isApp = environment.WEBSITE_SITE_NAME !== undefined;
  if (isApp || http.authentication !== 'appService') {
    checkHttpAuthentication(http, environment);
    return;
  }
  diagnoses.push(
    warn(
      { kind: 'setting', name: 'http.authentication' },
      'is `appService`; whether App Service Authentication is on cannot be seen from here',
      'Look at the app in the portal under Settings, Authentication; if it is off, the app does not start.',
    ),
  );
}

/** Whether a connection is whole, and of the identity that the configuration names. */
export function connectionDiagnosis(
  name: string,
  connection: Connection,
  expectedClientId: string | undefined,
  environment: Environment,
): Diagnosis {
  const subject = { kind: 'setting', name };
  if (connection.kind === 'connectionString')
    return warn(
      subject,
      'is a connection string',
      `Use an identity (\`${name}__clientId\`): connection strings are for emulators.`,
    );
  const { clientId, endpoint } = connection;
  const isHosts = name === serviceBusConnectionName;
  if (isHosts && clientId !== undefined && environment[`${name}__credential`] !== 'managedidentity')
    return warn(
      { kind: 'setting', name: `${name}__credential` },
      `is not \`managedidentity\`, so that the Functions host does not look at ${name}__clientId`,
      `Set \`${name}__credential\` to \`managedidentity\`.`,
    );
  if (clientId?.toLowerCase() !== expectedClientId?.toLowerCase())
    return warn(
      { kind: 'setting', name: `${name}__clientId` },
      `is ${clientId ?? 'not set'}, and \`identity.clientId\` is ${expectedClientId ?? 'not set'}`,
      'Keyturn is meant to have one identity: make these the same.',
    );
  return ok(subject, `leads to ${endpoint}, by identity`);
}
