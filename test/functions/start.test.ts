import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProcess } from '../local/functions-host/sample-app/host-process.ts';

let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'keyturn-start-'));
});
afterAll(() => rm(dataFolder, { recursive: true, force: true }));

const settings = {
  KEYTURN_CONFIGURATION_FILE: 'infra/local/keyturn/configuration.json',
  ServiceBus__fullyQualifiedNamespace: 'localhost',
  Records__tableServiceUri: 'https://127.0.0.1:10002/devstoreaccount1',
};

const start = (changes: Record<string, string>) =>
  HostProcess.start({ dataFolder, scriptRoot: process.cwd(), settings: { ...settings, ...changes } });

describe('the function app does not start', () => {
  it('without a setting that it needs, and names it', async () => {
    const missing = 'Records__tableServiceUri';
    await expect(start({ [missing]: '' })).rejects.toThrow(`${missing}: missing`);
  });

  it('with a configuration that is not valid, and names the path and the rule', async () => {
    const configuration = { registries: {}, vaults: {}, entrances: {}, reconcile: { schedule: 'hourly' } };
    await expect(start({ KEYTURN_CONFIGURATION: JSON.stringify(configuration) })).rejects.toThrow(
      'reconcile.schedule: invalidSchedule: must be an NCRONTAB expression of six fields, in UTC',
    );
  });
});

it('a promise that nobody awaits is told without its text, and ends nothing', async () => {
  const script = `
    await import('./functions/unhandled-rejections.ts');
    Promise.reject(new TypeError('a-password-that-got-into-an-error'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.stdout.write('goes on');
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
  ]);
  expect(stdout).toBe('goes on');
  expect(JSON.parse(stderr)).toMatchObject({ record: 'unhandledRejection', what: 'TypeError' });
  expect(stderr).not.toContain('a-password-that-got-into-an-error');
});
