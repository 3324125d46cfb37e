import { describe, expect, test } from 'vitest';
import { AppSettings } from '../../../../infra/local/functions-host/settings/app-settings.ts';

describe('AppSettings', () => {
  test('replaces each %NAME% in a text by its setting', () => {
    const settings = new AppSettings({ QUEUE: 'orders', STAGE: 'test' });
    expect(settings.resolve('%QUEUE%-%STAGE%')).toBe('orders-test');
  });

  test('names the setting that a text needs and that is missing', () => {
    expect(() => new AppSettings({}).resolve('a-%MISSING%')).toThrow(
      "'%MISSING%' does not resolve to a value",
    );
  });

  test('finds settings without regard to case, and a__b by a:b', () => {
    const settings = new AppSettings({ Section__Name: 'value' });
    expect(settings.get('SECTION:NAME')).toBe('value');
  });

  const switches: Record<string, [environment: Record<string, string>, isDisabled: boolean]> = {
    'a function without setting is on': [{}, false],
    'true switches it off': [{ 'AzureWebJobs.nightly.Disabled': 'true' }, true],
    'TRUE switches it off': [{ 'AzureWebJobs.nightly.Disabled': 'TRUE' }, true],
    '1 switches it off': [{ 'AzureWebJobs.nightly.Disabled': '1' }, true],
    'underscores for the dots switch it off (Linux)': [{ AzureWebJobs__nightly__Disabled: 'true' }, true],
    'false leaves it on': [{ 'AzureWebJobs.nightly.Disabled': 'false' }, false],
    'another function’s setting leaves it on': [{ 'AzureWebJobs.daily.Disabled': 'true' }, false],
  };
  for (const [sentence, [environment, isDisabled]] of Object.entries(switches))
    test(sentence, () => expect(new AppSettings(environment).isDisabled('nightly')).toBe(isDisabled));

  describe('connection', () => {
    test('is the connection string under its name', () => {
      expect(new AppSettings({ Bus: 'Endpoint=sb://x/' }).connection('Bus')).toEqual({
        kind: 'connectionString',
        connectionString: 'Endpoint=sb://x/',
      });
    });

    test('prefers the name with AzureWebJobs in front, as the WebJobs SDK does', () => {
      const settings = new AppSettings({ Bus: 'one', AzureWebJobsBus: 'other' });
      expect(settings.connection('Bus')).toMatchObject({ connectionString: 'other' });
    });

    test('is AzureWebJobsServiceBus when a binding names none', () => {
      const settings = new AppSettings({ AzureWebJobsServiceBus: 'default' });
      expect(settings.connection(undefined)).toMatchObject({ connectionString: 'default' });
    });

    test('is a namespace that is entered with an identity, by NAME__fullyQualifiedNamespace', () => {
      const settings = new AppSettings({
        Bus__fullyQualifiedNamespace: 'ns.servicebus.windows.net',
        Bus__clientId: 'abc',
      });
      expect(settings.connection('Bus')).toEqual({
        kind: 'identity',
        fullyQualifiedNamespace: 'ns.servicebus.windows.net',
        clientId: 'abc',
      });
    });

    test('names the setting that is missing', () => {
      expect(() => new AppSettings({}).connection('Bus')).toThrow("'Bus' does not exist");
    });
  });
});
