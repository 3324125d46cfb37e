import { describe, expect, it } from 'vitest';
import { recordsConnection, serviceBusConnection } from '../../src/configuration/connections.ts';
import { configurationSource } from '../../src/configuration/read-configuration.ts';

describe('the app settings', () => {
  it('hold the configuration, or name its file', () => {
    expect(configurationSource({ KEYTURN_CONFIGURATION: '{}', KEYTURN_CONFIGURATION_FILE: 'x' })).toEqual({
      text: '{}',
    });
    expect(configurationSource({ KEYTURN_CONFIGURATION_FILE: 'keyturn.json' })).toEqual({
      file: 'keyturn.json',
    });
    expect(() => configurationSource({})).toThrow('KEYTURN_CONFIGURATION: missing');
  });

  it('say by identity where Service Bus and the records are', () => {
    const environment = {
      ServiceBus__fullyQualifiedNamespace: 'contoso.servicebus.windows.net',
      ServiceBus__clientId: '8f5a4f7e-0000-4000-8000-000000000001',
      Records__accountName: 'contosorecords',
    };
    expect(serviceBusConnection(environment)).toEqual({
      kind: 'identity',
      endpoint: 'contoso.servicebus.windows.net',
      clientId: '8f5a4f7e-0000-4000-8000-000000000001',
    });
    expect(recordsConnection(environment, 'core.windows.net')).toEqual({
      kind: 'identity',
      endpoint: 'https://contosorecords.table.core.windows.net',
      clientId: undefined,
    });
    expect(
      recordsConnection({ Records__tableServiceUri: 'https://localhost:6003/account' }, 'core.windows.net'),
    ).toMatchObject({ endpoint: 'https://localhost:6003/account' });
  });

  it('may hold connection strings instead', () => {
    const connectionString = 'Endpoint=sb://localhost;UseDevelopmentEmulator=true';
    expect(serviceBusConnection({ ServiceBus: connectionString })).toEqual({
      kind: 'connectionString',
      connectionString,
    });
  });

  it('are named when they are missing', () => {
    expect(() => serviceBusConnection({})).toThrow('ServiceBus__fullyQualifiedNamespace: missing');
    expect(() => recordsConnection({}, 'core.windows.net')).toThrow('Records__tableServiceUri: missing');
  });
});
