import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { amqpAddress } from '../../../src/operations/doctor/check-reachable.ts';
import { messagingEntities } from '../../../src/operations/doctor/messaging/messaging-entities.ts';
import { namespaceOf } from '../../../src/operations/doctor/registry/registry-checks.ts';
import { readSettings } from '../../../src/operations/doctor/settings/read-settings.ts';

const sample = JSON.parse(readFileSync('local.settings.sample.json', 'utf8')).Values as Record<
  string,
  string
>;
const read = (changes: Record<string, string | undefined> = {}) => readSettings({ ...sample, ...changes });
const notLookedAt =
  'warn configuration is not valid, so identity, queues, registries and vaults are not looked at';
const problems = (changes: Record<string, string | undefined>) =>
  read(changes)
    .diagnoses.filter(({ verdict }) => verdict !== 'ok')
    .map(({ verdict, name, says }) => `${verdict} ${name} ${says}`);

describe('the settings', () => {
  it('of the sample are green, one line each', () => {
    const lines = read().diagnoses.map(({ verdict, name }) => [verdict, name]);
    expect(lines).toEqual([
      ['ok', 'KEYTURN_CONFIGURATION_FILE'],
      ['ok', 'ServiceBus'],
      ['ok', 'Records'],
    ]);
  });

  it('that are missing are named, all of them', () => {
    const { diagnoses, ...found } = readSettings({});
    expect(diagnoses.map(({ verdict, kind, name }) => [verdict, kind, name])).toEqual([
      ['red', 'setting', 'KEYTURN_CONFIGURATION'],
      ['warn', 'setting', 'configuration'],
      ['red', 'setting', 'ServiceBus__fullyQualifiedNamespace'],
      ['red', 'setting', 'Records__tableServiceUri'],
    ]);
    expect(Object.values(found).flat().filter(Boolean)).toEqual([]);
  });

  it('name every mistake of a configuration, each in a line of its own', () => {
    const configuration = JSON.parse(readFileSync('infra/local/keyturn/configuration.json', 'utf8'));
    configuration.entrances['token-requests'].policy.vault = 'elsewhere';
    configuration.entrances['token-requests-partners'].policy.registries = ['nowhere'];
    expect(problems({ KEYTURN_CONFIGURATION: JSON.stringify(configuration) })).toEqual([
      'red entrances.token-requests.policy.vault unknownVault: is not one of `vaults`',
      'red entrances.token-requests-partners.policy.registries[0] unknownRegistry: is not one of `registries`',
      notLookedAt,
    ]);
    expect(problems({ KEYTURN_CONFIGURATION: '{' })).toEqual([
      'red configuration notJson: is not JSON',
      notLookedAt,
    ]);
    expect(problems({ KEYTURN_CONFIGURATION_FILE: 'none.json' })[0]).toMatch(
      /^red KEYTURN_CONFIGURATION_FILE/,
    );
  });

  it('that no client can be made of are red, and nothing is shown of connection strings', () => {
    expect(problems({ ServiceBus__fullyQualifiedNamespace: 'https://namespace' })).toEqual([
      'red ServiceBus is https://namespace, and has to be the host name of a namespace',
    ]);
    expect(problems({ Records__tableServiceUri: 'tables' })).toEqual([
      'red Records is tables, and has to be an https address',
    ]);
    expect(problems({ Archive__blobServiceUri: 'http://blobs' })).toEqual([
      'red Archive is http://blobs, and has to be an https address',
    ]);
    const broken = readSettings({ ...sample, ServiceBus: 'Key=very-secret', Records: 'Key=very-secret' });
    expect(broken.diagnoses.filter(({ verdict }) => verdict === 'red')).toHaveLength(2);
    expect(JSON.stringify(broken.diagnoses)).not.toContain('very-secret');
    expect([broken.serviceBus, broken.records]).toEqual([undefined, undefined]);
  });

  it('that name several identities, or none for the host, are warnings', () => {
    const other = '0a0a0a0a-0000-4000-8000-000000000003';
    expect(problems({ Records__clientId: other })).toEqual([
      `warn Records__clientId is ${other}, and \`identity.clientId\` is ${sample.Records__clientId}`,
    ]);
    expect(problems({ ServiceBus__credential: undefined })).toEqual([
      'warn ServiceBus__credential is not `managedidentity`, so the Functions host does not look at `ServiceBus__clientId`',
    ]);
    const emulator =
      'Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;';
    expect(problems({ ServiceBus: emulator })).toEqual(['warn ServiceBus is a connection string']);
  });

  it('of sinks of alerts are looked at one by one, and not shown', () => {
    const configuration = JSON.parse(readFileSync('infra/local/keyturn/configuration.json', 'utf8'));
    const sinks = ['one', 'two', 'three', 'four'].map((name) => ({
      name,
      allowedHosts: ['hooks.example.com'],
    }));
    const settings = {
      KEYTURN_CONFIGURATION: JSON.stringify({ ...configuration, alerting: { sinks } }),
      AlertSinks__one__url: 'https://hooks.example.com/very-secret',
      AlertSinks__two__url: 'https://elsewhere.example.com/very-secret',
      AlertSinks__three__url: '@Microsoft.KeyVault(SecretUri=https://v/secrets/very-secret)',
    };
    const found = problems(settings).map((line) => line.split(' ').slice(0, 3).join(' '));
    expect(found).toEqual([
      'red AlertSinks__two__url hostNotAllowed:',
      'warn AlertSinks__three__url is',
      'red AlertSinks__four__url missing:',
    ]);
    expect(problems({ ...settings, WEBSITE_SITE_NAME: 'func' })).toContainEqual(
      expect.stringMatching(/^red AlertSinks__three__url is a reference/),
    );
    const { sinks: usable, diagnoses } = read(settings);
    expect(usable.map(({ name }) => name)).toEqual(['one', 'three']);
    expect(JSON.stringify(diagnoses)).not.toContain('very-secret');
  });

  it('of the HTTP interface are looked at as far as they can be seen', () => {
    const configuration = JSON.parse(readFileSync('infra/local/keyturn/configuration.json', 'utf8'));
    const withAuthentication = {
      ...configuration,
      http: {
        authentication: 'appService',
        tenantId: '9c1d2e3f-0000-4000-8000-00000000a001',
        readers: [{ role: 'Tokens.Read', entrances: 'all' }],
      },
    };
    const KEYTURN_CONFIGURATION = JSON.stringify(withAuthentication);
    expect(problems({ KEYTURN_CONFIGURATION })[0]).toMatch(/^warn http\.authentication/);
    expect(problems({ KEYTURN_CONFIGURATION, WEBSITE_SITE_NAME: 'func' })[0]).toMatch(
      /^red http\.authentication appServiceAuthenticationOff/,
    );
  });
});

describe('what is needed of Service Bus', () => {
  it('is every queue and topic of the configuration, each with what Keyturn does there', () => {
    const { configuration } = read();
    if (!configuration) throw new Error('The sample is not valid.');
    const uses = messagingEntities(configuration, true).map(
      ({ kind, name, topic, receives, sends }) =>
        `${kind} ${topic ? `${topic}/` : ''}${name}${receives ? ' receive' : ''}${sends ? ' send' : ''}`,
    );
    expect(uses).toEqual([
      'queue token-requests receive send',
      'queue token-requests-urgent receive send',
      'queue token-requests-partners receive send',
      'queue token-requests-devices receive send',
      'queue token-requests-rejected send',
      'queue registry-activity receive send',
      'queue alert-deliveries receive send',
      'topic token-events send',
      'subscription token-events/alerts receive',
      'subscription token-events/archive receive',
    ]);
    expect(messagingEntities(configuration, false).map(({ name }) => name)).not.toContain('archive');
  });

  it('is reached where its clients would go', () => {
    const by = (endpoint: string) => amqpAddress({ kind: 'identity', endpoint, clientId: undefined });
    expect(by('sb-keyturn.servicebus.windows.net')).toEqual({
      host: 'sb-keyturn.servicebus.windows.net',
      port: 5671,
      secure: true,
    });
    expect(by('localhost:6001/')).toEqual({ host: 'localhost', port: 6001, secure: true });
    const connectionString =
      'Endpoint=sb://127.0.0.1:5999;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;';
    expect(amqpAddress({ kind: 'connectionString', connectionString })).toEqual({
      host: '127.0.0.1',
      port: 5999,
      secure: false,
    });
  });

  it('has a name in Azure only there', () => {
    const by = (endpoint: string) => namespaceOf({ kind: 'identity', endpoint, clientId: undefined });
    expect(by('sb-keyturn.servicebus.windows.net')).toBe('sb-keyturn');
    expect(by('localhost:5671')).toBeUndefined();
  });
});
