import { execFile } from 'node:child_process';
import { glob, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makePackage, writePackage } from '../../infra/package/make-package.ts';
import { productionPackages } from '../../infra/package/production-packages.ts';
import { zipFiles } from '../../infra/package/zip-files.ts';

/**
 * The package next to what would be deployed without a bundle: the source, which Node strips of its types as it loads, and the
 * libraries as npm installs them. Sizes as zips; the time from a worker that is up to all functions registered, with files in
 * the system's cache. The goals are for two cores; the load average tells who else used them.
 */

const runs = 9;
const loader = fileURLToPath(new URL('package/load-app.ts', import.meta.url));
const settings = {
  KEYTURN_CONFIGURATION_FILE: 'infra/local/keyturn/configuration.json',
  ServiceBus__fullyQualifiedNamespace: 'localhost',
  Records__tableServiceUri: 'https://127.0.0.1:10002/devstoreaccount1',
};

interface Load {
  readonly milliseconds: number;
  readonly megabytes: number;
  readonly functions: number;
}

const folder = await mkdtemp(join(tmpdir(), 'keyturn-package-bench-'));
try {
  print(`load average ${loadavg()[0]?.toFixed(1)}; ${runs} loads each, in turn`);
  const { files } = await makePackage(process.cwd());
  const zip = await writePackage(files, folder);
  report('zip', 'MB', zip.length / 1e6, (await zipUnbundled()) / 1e6, 3);
  await measureLoads(join(folder, 'package'));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measureLoads(packageFolder: string): Promise<void> {
  const bundled: Load[] = [];
  const unbundled: Load[] = [];
  for (let run = 0; run < runs; run += 1) {
    bundled.push(await load(packageFolder));
    unbundled.push(await load(process.cwd()));
  }
  const registered = new Set([...bundled, ...unbundled].map(({ functions }) => functions));
  if (registered.size !== 1 || registered.has(0))
    throw new Error(`Both should register the same functions, not ${[...registered]}`);
  const times = [bundled, unbundled].map((loads) => sorted(loads, 'milliseconds'));
  const memory = [bundled, unbundled].map((loads) => sorted(loads, 'megabytes'));
  report('module load, median', 'ms', middle(times[0]), middle(times[1]), 400);
  report('module load, best', 'ms', times[0]?.[0] ?? Number.NaN, times[1]?.[0] ?? Number.NaN, 400);
  report('resident memory when loaded, median', 'MB', middle(memory[0]), middle(memory[1]));
}

async function load(scriptRoot: string): Promise<Load> {
  const { stdout } = await promisify(execFile)(process.execPath, [loader, scriptRoot], {
    env: { ...process.env, ...settings },
  });
  return JSON.parse(stdout) as Load;
}

/** Bytes of the zip of source and libraries. */
async function zipUnbundled(): Promise<number> {
  const files = new Map<string, Uint8Array>();
  const patterns = ['host.json', 'package.json', 'functions/**', 'src/**'];
  for (const pattern of patterns) await add(files, pattern);
  for (const each of await productionPackages(process.cwd()))
    await add(files, `${each.folder}/**`, [`${each.folder}/node_modules/**`]);
  return zipFiles(files).length;
}

async function add(files: Map<string, Uint8Array>, pattern: string, exclude: string[] = []): Promise<void> {
  for await (const file of glob(pattern, { exclude }))
    if ((await stat(file)).isFile()) files.set(file, await readFile(file));
}

function sorted(loads: readonly Load[], figure: 'milliseconds' | 'megabytes'): number[] {
  return loads.map((each) => each[figure]).sort((one, other) => one - other);
}

function middle(values: readonly number[] = []): number {
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(what: string, unit: string, bundled: number, unbundled: number, goal?: number): void {
  const digits = bundled < 10 ? 2 : 0;
  const figures = `${bundled.toFixed(digits)} ${unit}, unbundled ${unbundled.toFixed(digits)} ${unit}`;
  const ratio = `ratio ${(bundled / unbundled).toFixed(2)}`;
  print(`${what.padEnd(38)} ${figures.padEnd(34)} ${ratio}${goal ? `   goal at most ${goal} ${unit}` : ''}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
