import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { environmentFileText } from '../../infra/local/environment-file.ts';
import { readSettingsFile, settingsIn, useSettings } from '../../src/operations/settings-file.ts';
import { UsageError } from '../../src/operations/usage-error.ts';

let folder: string;
const before = { ...process.env };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-settings-'));
});
afterEach(() => {
  process.env = { ...before };
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('a settings file', () => {
  it('is read as the local cloud writes it', () => {
    const environment = {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:4001',
      ServiceBus: 'Endpoint=sb://x;Key=a=b;',
    };
    expect(readSettingsFile(written('cloud.env', environmentFileText(environment)))).toEqual(environment);
  });

  it('is read as the Core Tools have it', () => {
    expect(readSettingsFile('local.settings.sample.json')).toMatchObject({
      FUNCTIONS_WORKER_RUNTIME: 'node',
      Records__clientId: '0a0a0a0a-0000-4000-8000-000000000002',
    });
  });

  it('may be plain JSON', () => {
    expect(settingsIn(' {"A": "1"}', 'it')).toEqual({ A: '1' });
  });

  it.each(['{"A": 1}', '{"A": ', '{"Values": {"A": true}}'])('is refused by name when it is %s', (text) => {
    expect(() => settingsIn(text, 'settings.json')).toThrow(UsageError);
    expect(() => settingsIn(text, 'settings.json')).toThrow('settings.json');
  });

  it('that is not there is refused by name', () => {
    expect(() => readSettingsFile(join(folder, 'nowhere.env'))).toThrow(/nowhere\.env cannot be read/);
  });
});

describe('the settings of a command', () => {
  it("are the process's own, under those of the files, of which the last one counts", () => {
    process.env.KEYTURN_TEST_ONE = 'process';
    process.env.KEYTURN_TEST_TWO = 'process';
    const files = [
      written('one.env', "KEYTURN_TEST_TWO='one'\nKEYTURN_TEST_THREE='one'\n"),
      written('two.json', '{"KEYTURN_TEST_THREE": "two"}'),
    ];
    const used = useSettings(files);
    expect([used.KEYTURN_TEST_ONE, used.KEYTURN_TEST_TWO, used.KEYTURN_TEST_THREE]).toEqual([
      'process',
      'one',
      'two',
    ]);
    expect(process.env.KEYTURN_TEST_THREE).toBe('two');
  });

  it('name the certificates that cannot be read', () => {
    const file = written('bad.env', `NODE_EXTRA_CA_CERTS='${join(folder, 'none.pem')}'\n`);
    expect(() => useSettings([file])).toThrow(/none\.pem, which holds no certificates/);
  });
});
