import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { openApplication } from '../../src/application/open-application.ts';
import { deployKeyturn, keyturnClientId, settingsOf, telemetryAddress } from './deployed-keyturn.ts';

/** What the Functions host and its extensions read. Sources: their documentation of identity-based connections. */
const readByTheHost = [
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'ServiceBus__credential',
];

/** Set by Azure itself. */
const setByThePlatform = ['WEBSITE_AUTH_ENABLED', 'WEBSITE_SITE_NAME'];

/** Other ways to say what is said. */
const instead = ['Records__accountName'];

/** Connection strings, which Azure's Keyturn never has. */
const forEmulatorsOnly = ['ServiceBus', 'Records'];

/** The settings that the app asks for when it opens with these. */
async function settingsRead(settings: Readonly<Record<string, string>>): Promise<Set<string>> {
  const read = new Set<string>();
  const environment = new Proxy(settings, {
    get: (target, name) => {
      read.add(String(name));
      return Reflect.get(target, name);
    },
  });
  const application = openApplication(environment, systemClock);
  await application.ports.close();
  return read;
}

describe('the settings of the app', () => {
  const settings = settingsOf(deployKeyturn());

  it('are all that the app reads', async () => {
    const others = [...setByThePlatform, ...instead, ...forEmulatorsOnly];
    const missing = [...(await settingsRead(settings))].filter(
      (name) => !(name in settings) && !others.includes(name),
    );
    expect(missing).toEqual([]);
  });

  it('are nothing that neither the app nor its host reads', async () => {
    const read = await settingsRead(settings);
    expect(
      Object.keys(settings)
        .filter((name) => !read.has(name))
        .toSorted(),
    ).toEqual(readByTheHost.toSorted());
  });

  it('are read in one place, so that none is missed here', () => {
    const readers = globSync('{src,functions}/**/*.ts').filter((file) =>
      readFileSync(file, 'utf8').includes('process.env'),
    );
    expect(readers).toEqual(['functions/application.ts']);
  });

  it('let the app and its host enter by its own identity', () => {
    for (const name of ['AzureWebJobsStorage', 'ServiceBus', 'Records'])
      expect(settings[`${name}__clientId`]).toBe(keyturnClientId);
    for (const name of ['AzureWebJobsStorage', 'ServiceBus'])
      expect(settings[`${name}__credential`]).toBe('managedidentity');
    expect(settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING).toBe(
      `ClientId=${keyturnClientId};Authorization=AAD`,
    );
  });

  it('hold no connection string but the one of Application Insights, which opens nothing', () => {
    const suspicious = Object.entries(settings).filter(
      ([, value]) => value === telemetryAddress || /AccountKey|SharedAccess|Endpoint=/i.test(value),
    );
    expect(suspicious.map(([name]) => name)).toEqual(['APPLICATIONINSIGHTS_CONNECTION_STRING']);
  });

  it('keep the records of tokens and the state of Durable Functions in storage accounts of their own', () => {
    const accounts = [settings.Records__tableServiceUri, settings.AzureWebJobsStorage__tableServiceUri];
    expect(accounts).toEqual([
      expect.stringMatching(/^https:\/\/strecords[a-z0-9]{13}\.table\.core\.windows\.net$/),
      expect.stringMatching(/^https:\/\/sthost[a-z0-9]{13}\.table\.core\.windows\.net$/),
    ]);
  });
});
