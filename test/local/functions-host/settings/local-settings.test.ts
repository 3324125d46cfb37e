import { afterEach, describe, expect, test } from 'vitest';
import { readAppEnvironment } from '../../../../infra/local/functions-host/settings/local-settings.ts';
import { writeApp } from '../support/write-app.ts';

describe('readAppEnvironment', () => {
  let remove: (() => Promise<void>) | undefined;
  afterEach(() => remove?.());

  async function read(
    localSettings: string | object | undefined,
    present: Record<string, string> = {},
    defaults: Record<string, string> = {},
  ) {
    const app = await writeApp(localSettings === undefined ? {} : { 'local.settings.json': localSettings });
    remove = app.remove;
    return await readAppEnvironment(app.folder, present, defaults);
  }

  test('adds the Values of local.settings.json to the environment', async () => {
    const { variables } = await read({ Values: { A: 'one', B: 2, C: true } }, { PATH: '/bin' });
    expect(variables).toEqual({ PATH: '/bin', A: 'one', B: '2', C: 'true' });
  });

  test('lets a variable of the environment win, as the Core Tools do, and says so', async () => {
    const { variables, notes } = await read({ Values: { A: 'file' } }, { A: 'environment' });
    expect(variables.A).toBe('environment');
    expect(notes).toEqual([
      "Skipping 'A' from local settings as it's already defined in current environment variables.",
    ]);
  });

  test('lets the file win over an empty variable', async () => {
    expect((await read({ Values: { A: 'file' } }, { A: '' })).variables.A).toBe('file');
  });

  test('takes an empty value, and leaves out a null one', async () => {
    const { variables, notes } = await read({ Values: { A: '', B: null } });
    expect(variables).toEqual({ A: '' });
    expect(notes).toEqual(["Skipping 'B' because value is null"]);
  });

  test('gives ConnectionStrings names with ConnectionStrings: in front', async () => {
    const { variables } = await read({ ConnectionStrings: { One: 'a', Two: { ConnectionString: 'b' } } });
    expect(variables).toEqual({ 'ConnectionStrings:One': 'a', 'ConnectionStrings:Two': 'b' });
  });

  test('takes defaults only for what is not set', async () => {
    const { variables } = await read({ Values: { A: 'file' } }, {}, { A: 'default', B: 'default' });
    expect(variables).toEqual({ A: 'file', B: 'default' });
  });

  test('does without the file', async () => {
    expect((await read(undefined, { A: 'x' })).variables).toEqual({ A: 'x' });
  });

  test('reads a file that begins with a byte order mark', async () => {
    expect((await read('\uFEFF{"Values":{"A":"x"}}')).variables).toEqual({ A: 'x' });
  });

  for (const [what, content, message] of [
    ['is not JSON', '{', /local\.settings\.json is not JSON/],
    ['is encrypted', { IsEncrypted: true, Values: {} }, /is encrypted/],
    ['has a nested value', { Values: { A: { b: 1 } } }, /local\.settings\.json: Values\.A/],
  ] as const)
    test(`refuses a file that ${what}, and names it`, async () => {
      await expect(read(content)).rejects.toThrow(message);
    });
});
