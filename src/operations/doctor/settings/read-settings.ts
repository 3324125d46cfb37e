import { loadConfiguration } from '../../../application/load-configuration.ts';
import { type AlertSink, alertSinks } from '../../../configuration/alert-sinks.ts';
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
import { connectionDiagnosis, connectionRemedy } from './connection-diagnosis.ts';
import { sinkDiagnosis } from './sink-diagnosis.ts';
import { isNamespace, isTableService } from './well-formed.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the settings say, as far as it can be used. */
export interface ReadSettings {
  readonly diagnoses: readonly Diagnosis[];
  readonly configuration: Configuration | undefined;
  readonly serviceBus: Connection | undefined;
  readonly records: Connection | undefined;
  readonly archive: ReturnType<typeof archiveConnection>;
  /** Of alerts; those whose settings can be read. */
  readonly sinks: readonly AlertSink[];
}

const configurationRemedy = 'Correct it as docs/configuration.md says; the app does not start so.';

const notLookedAt = warn(
  { kind: 'setting', name: 'configuration' },
  'is not valid, so identity, queues, registries and vaults are not looked at',
  'Run the doctor again when the configuration is valid.',
);

/** The settings that the app reads, read as it does. Every problem is a line of its own. */
export function readSettings(environment: Environment): ReadSettings {
  const diagnoses: Diagnosis[] = [];
  const configuration = attempt(diagnoses, configurationRemedy, () => loadConfiguration(environment));
  if (configuration) {
    diagnoses.push(configurationDiagnosis(configuration, environment));
    attempt(diagnoses, configurationRemedy, () => checkHttp(configuration, environment, diagnoses));
  } else diagnoses.push(notLookedAt);
  const usable = (name: string, isWhole: (connection: Connection) => boolean, connection?: Connection) => {
    if (connection === undefined) return undefined;
    const context = {
      isWhole: isWhole(connection),
      identity: configuration?.identity,
      credential: environment[`${name}__credential`],
    };
    diagnoses.push(connectionDiagnosis(name, connection, context));
    return context.isWhole ? connection : undefined;
  };
  const suffix = configuration?.cloud.storageSuffix ?? 'core.windows.net';
  const serviceBus = attempt(diagnoses, connectionRemedy, () => serviceBusConnection(environment));
  const records = attempt(diagnoses, connectionRemedy, () => recordsConnection(environment, suffix));
  const archive = archiveConnection(environment);
  return {
    diagnoses,
    configuration,
    serviceBus: usable(serviceBusConnectionName, isNamespace, serviceBus),
    records: usable(recordsConnectionName, isTableService, records),
    archive:
      archive && usable(archiveConnectionName, isTableService, { kind: 'identity', ...archive }) && archive,
    sinks: configuration ? readSinks(configuration, environment, diagnoses) : [],
  };
}

/** One by one, so that what is wrong with one hides nothing of the others. */
function readSinks(
  { alerting }: Configuration,
  environment: Environment,
  diagnoses: Diagnosis[],
): AlertSink[] {
  return alerting.sinks.flatMap((sink) => {
    const read = attempt(diagnoses, configurationRemedy, () =>
      alertSinks({ ...alerting, sinks: [sink] }, environment).get(sink.name),
    );
    if (read) diagnoses.push(sinkDiagnosis(read, environment.WEBSITE_SITE_NAME !== undefined));
    return read ?? [];
  });
}

/** Undefined: it failed, and why is among the lines. */
function attempt<Value>(diagnoses: Diagnosis[], remedy: string, read: () => Value): Value | undefined {
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
