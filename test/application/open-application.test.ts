import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { openApplication } from '../../src/application/open-application.ts';

const sample = () =>
  (JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as { Values: Record<string, string> })
    .Values;

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(sample()).filter(([name]) => !names.includes(name)));

describe('the application', () => {
  it('opens with the sample settings', () => {
    const { configuration } = openApplication(sample(), systemClock);
    expect([...configuration.entrances.keys()]).toContain('token-requests');
  });

  it.each([
    ['ServiceBus__fullyQualifiedNamespace', 'ServiceBus__fullyQualifiedNamespace: missing'],
    ['Records__tableServiceUri', 'Records__tableServiceUri: missing'],
    ['KEYTURN_CONFIGURATION_FILE', 'KEYTURN_CONFIGURATION: missing'],
  ])('does not open without %s, and says so', (setting, message) => {
    expect(() => openApplication(without(setting), systemClock)).toThrow(message);
  });

  it('does not open when the file of the configuration cannot be read, and names the setting', () => {
    const settings = { ...sample(), KEYTURN_CONFIGURATION_FILE: 'no-such-file.json' };
    expect(() => openApplication(settings, systemClock)).toThrow(
      'KEYTURN_CONFIGURATION_FILE: unreadableFile',
    );
  });

  it('does not open with a configuration that is not valid, and names the path', () => {
    const settings = { ...sample(), KEYTURN_CONFIGURATION: '{"registries":{},"vaults":{}}' };
    expect(() => openApplication(settings, systemClock)).toThrow('entrances: missing');
  });
});
