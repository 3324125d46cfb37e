import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleApp } from '../../infra/package/bundle-app.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-bundle-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const library = 'node_modules/@azure/functions/index.js';

/** An app that registers by its own copy of the library and, if there is one, by the copy of another library. */
async function app(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return root;
}

const main = 'functions/*.ts';

it('bundles every file that main names, in the order of their names', async () => {
  const root = await app('two-files', {
    'functions/b.ts': 'import "@azure/functions"; console.log("second");',
    'functions/a.ts': 'console.log("first");',
    [library]: '',
  });
  const { files, inputs } = await bundleApp(root, main);
  expect(files.get('keyturn.mjs')).toMatch(/first[\s\S]*second/);
  expect(inputs).toEqual(['functions/a.ts', 'functions/b.ts', 'keyturn.ts', library]);
});

it('refuses two copies of the library that registers functions, and names them', async () => {
  const root = await app('two-copies', {
    'functions/a.ts': 'import "@azure/functions"; import "durable";',
    [library]: '',
    'node_modules/durable/index.js': 'require("@azure/functions");',
    [`node_modules/durable/${library}`]: '',
  });
  await expect(bundleApp(root, main)).rejects.toThrow(
    'has 2: node_modules/@azure/functions,node_modules/durable/node_modules/@azure/functions',
  );
});

it('refuses an app in which nothing registers functions', async () => {
  const root = await app('no-library', { 'functions/a.ts': '' });
  await expect(bundleApp(root, main)).rejects.toThrow('one copy of @azure/functions, and has 0');
});

it('refuses a main that names no file', async () => {
  const root = await app('no-files', { 'other/a.ts': '' });
  await expect(bundleApp(root, main)).rejects.toThrow('There is no file that "main" names: functions/*.ts');
});
