import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { openApplication } from '../../src/application/open-application.ts';
import {
  deployKeyturn,
  keyturnClientId,
  ofType,
  settingsOf,
  telemetryAddress,
  theOnly,
  within,
} from './deployed-keyturn.ts';

/** What the host, its extensions and the clients of Azure read. Sources: their documentation. */
const readByOthers = [
  'AZURE_LOG_LEVEL',
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
  const settings = settingsOf(deployKeyturn({ archiveRetentionInDays: 30 }));

  it('are all that the app reads', async () => {
    const others = [...setByThePlatform, ...instead, ...forEmulatorsOnly];
    const missing = [...(await settingsRead(settings))].filter(
      (name) => !(name in settings) && !others.includes(name),
    );
    expect(missing).toEqual([]);
  });

  it('are nothing that nobody reads', async () => {
    const read = await settingsRead(settings);
    expect(
      Object.keys(settings)
        .filter((name) => !read.has(name))
        .toSorted(),
    ).toEqual(readByOthers.toSorted());
  });

  it('are read in one place, so that none is missed here', () => {
    const readers = globSync('{src,functions}/**/*.ts').filter(
      (file) => !file.startsWith('src/operations/') && readFileSync(file, 'utf8').includes('process.env'),
    );
    expect(readers).toEqual(['functions/application.ts']);
  });

  it('let the app and its host enter by its own identity', () => {
    for (const name of ['AzureWebJobsStorage', 'ServiceBus', 'Records', 'Archive'])
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

  it('keep the clients of Azure quiet, and let nothing write headers down', () => {
    expect(settings.AZURE_LOG_LEVEL).toBe('warning');
    const { logging } = JSON.parse(readFileSync('host.json', 'utf8'));
    expect(JSON.stringify([Object.keys(settings), logging])).not.toMatch(/header/i);
  });

  it('say where the archive is, if there is one, and nothing of it otherwise', () => {
    expect(settings.Archive__blobServiceUri).toMatch(
      /^https:\/\/starchive[a-z0-9]{13}\.blob\.core\.windows\.net$/,
    );
    const names = Object.keys(settingsOf(deployKeyturn()));
    expect(names.filter((name) => /^(Archive|AlertSinks)__/.test(name))).toEqual([]);
  });

  it('name the secrets of the sinks of alerts, which Azure reads from the operations vault', () => {
    const deployment = deployKeyturn({
      alertSinks: [
        {
          name: 'oncall',
          allowedHosts: ['hooks.example.com'],
          urlSecret: 'oncall-url',
          signingSecret: 'key',
        },
        {
          name: 'chat',
          format: 'teams',
          allowedHosts: ['chat.example.com'],
          urlSecret: 'chat-url',
          severities: ['critical'],
        },
      ],
    });
    const [vault] = ofType(deployment, 'Microsoft.KeyVault/vaults').filter(({ name }) =>
      name.startsWith('kv-ops-'),
    );
    const reference = (secret: string) =>
      `@Microsoft.KeyVault(SecretUri=https://${vault?.name}.vault.azure.net/secrets/${secret})`;
    const sinks = Object.entries(settingsOf(deployment)).filter(([name]) => name.startsWith('AlertSinks'));
    expect(Object.fromEntries(sinks)).toEqual({
      AlertSinks__oncall__url: reference('oncall-url'),
      AlertSinks__oncall__signingKey: reference('key'),
      AlertSinks__chat__url: reference('chat-url'),
    });
    const { body } = theOnly(deployment, 'Microsoft.Web/sites');
    const { id } = theOnly(deployment, 'Microsoft.ManagedIdentity/userAssignedIdentities');
    expect(within(body, 'properties', 'keyVaultReferenceIdentity')).toBe(id);
    const application = openApplication(settingsOf(deployment), systemClock);
    expect(application.configuration.alerting.sinks).toMatchObject([
      { name: 'oncall', allowedHosts: ['hooks.example.com'], format: 'generic' },
      { name: 'chat', allowedHosts: ['chat.example.com'], format: 'teams', severities: ['critical'] },
    ]);
  });

  it('keep the records of tokens and the state of Durable Functions in storage accounts of their own', () => {
    const accounts = [settings.Records__tableServiceUri, settings.AzureWebJobsStorage__tableServiceUri];
    expect(accounts).toEqual([
      expect.stringMatching(/^https:\/\/strecords[a-z0-9]{13}\.table\.core\.windows\.net$/),
      expect.stringMatching(/^https:\/\/sthost[a-z0-9]{13}\.table\.core\.windows\.net$/),
    ]);
  });
});
