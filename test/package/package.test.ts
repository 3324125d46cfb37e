import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makePackage, type Package, writePackage } from '../../infra/package/make-package.ts';
import { zipFiles } from '../../infra/package/zip-files.ts';

/** The machine may be busy with other tests. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let made: Package;
let folder: string;

beforeAll(async () => {
  made = await makePackage(process.cwd());
  folder = await mkdtemp(join(tmpdir(), 'keyturn-package-'));
  await writePackage(made.files, folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const text = (file: string) => Buffer.from(made.files.get(file) ?? []).toString();

const maps = () =>
  [...made.files.keys()]
    .filter((file) => file.endsWith('.map'))
    .map((file) => JSON.parse(text(file)) as { sources: string[]; sourcesContent?: string[] });

describe('the package', () => {
  it('has one copy of @azure/functions, which asks the worker for its core', () => {
    const libraries = made.bundle.inputs.filter((file) => /node_modules\/@azure\/functions\//.test(file));
    expect(libraries).toHaveLength(1);
    expect(text('keyturn.mjs').match(/require\("@azure\/functions-core"\)/g)).toHaveLength(1);
  });

  it('holds every entry point and nothing of the tests and the local cloud', () => {
    const { inputs } = made.bundle;
    expect(inputs).toContain('functions/intake.ts');
    expect(inputs).toContain('functions/unhandled-rejections.ts');
    expect(inputs.filter((file) => !/^(functions|src|node_modules)\/|^keyturn\.ts$/.test(file))).toEqual([]);
  });

  it('names no folder of the machine that made it', () => {
    for (const [file, bytes] of made.files)
      for (const path of [process.cwd(), tmpdir(), homedir()])
        expect(Buffer.from(bytes).includes(`${path}/`), `${path} in ${file}`).toBe(false);
  });

  it('has source maps that lead to files of the project, and hold none of their text', () => {
    const sources = maps().flatMap((map) => map.sources);
    expect(sources).toContain('src/lifecycle/orchestrator.ts');
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
    expect(maps().filter(({ sourcesContent }) => sourcesContent)).toEqual([]);
  });

  it('is the same, byte for byte, when it is made again', async () => {
    const again = await makePackage(process.cwd());
    const zip = Buffer.from(zipFiles(again.files));
    expect(zip.equals(await readFile(join(folder, 'keyturn.zip')))).toBe(true);
  });

  it('is in the zip as it is in the folder', async () => {
    const zipped = unzipSync(await readFile(join(folder, 'keyturn.zip')));
    expect(Object.keys(zipped)).toEqual([...made.files.keys()].sort());
    for (const [file, bytes] of Object.entries(zipped))
      expect((await readFile(join(folder, 'package', file))).equals(bytes), file).toBe(true);
  });

  it('needs nothing that would have to be installed', () => {
    expect(JSON.parse(text('package.json'))).not.toHaveProperty('dependencies');
    expect(made.bundle.externals.filter((name) => !isBuiltin(name))).toEqual(['@azure/functions-core']);
  });

  it('passes on the licences of what it contains', () => {
    const notices = text('THIRD-PARTY-NOTICES.txt');
    expect(notices).toMatch(/^zod \S+\nLicence: MIT\n\nMIT License\n\nCopyright \(c\) \d+ Colin McDonnell$/m);
    expect(notices).toMatch(/^rhea \S+\nLicence: Apache-2\.0\n\n\s*Apache License/m);
  });

  it('tells places of the source in stack traces', async () => {
    const start = promisify(execFile)(process.execPath, ['start.mjs'], {
      cwd: join(folder, 'package'),
      env: {},
    });
    const { stderr } = await start.then(
      () => ({ stderr: '' }),
      (error: { stderr: string }) => error,
    );
    const [, file, line] = /^ {4}at \S+ \(.*?\/package\/(src\/.*\.ts):(\d+):\d+\)$/m.exec(stderr) ?? [];
    const source = (await readFile(file ?? 'no place in the source was told', 'utf8')).split('\n');
    expect(source[Number(line) - 1]).toContain('throw new ConfigurationError(');
    expect(Math.max(...stderr.split('\n').map(({ length }) => length))).toBeLessThan(2_000);
  });
});
