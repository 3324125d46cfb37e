import { glob, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AppRegistry } from './app-registry.ts';
import { SystemError, toError } from './worker-errors.ts';

const requireFile = createRequire(import.meta.url);

interface PackageJson {
  readonly main?: string;
  readonly type?: string;
}

/**
 * Loads every file that the `main` of the app's package.json names (a path or a glob pattern), one after the other.
 * @returns warnings for the log.
 * @throws SystemError that names the file or pattern when there is none or one fails.
 */
export async function loadEntryPoints(scriptRoot: string, registry: AppRegistry): Promise<string[]> {
  const { packageJson, warning } = await readPackageJson(scriptRoot);
  const pattern = packageJson.main;
  if (!pattern) return warning ? [warning] : ['package.json has no "main": there is nothing to load'];
  let current = pattern;
  try {
    for (const file of await findEntryPoints(scriptRoot, pattern)) {
      current = file;
      registry.currentEntryPoint = file;
      await loadFile(join(scriptRoot, file), packageJson);
    }
  } catch (thrown) {
    const error = toError(thrown);
    const failure = new SystemError(`Worker was unable to load entry point "${current}": ${error.message}`);
    if (error.stack !== undefined) failure.stack = error.stack;
    throw failure;
  } finally {
    registry.currentEntryPoint = 'unknown';
  }
  return [];
}

async function readPackageJson(
  scriptRoot: string,
): Promise<{ packageJson: PackageJson; warning: string | undefined }> {
  const file = join(scriptRoot, 'package.json');
  try {
    const json: unknown = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new SystemError('file content is not an object');
    const { main, type } = json as Record<string, unknown>;
    return {
      packageJson: {
        ...(typeof main === 'string' ? { main } : {}),
        ...(typeof type === 'string' ? { type } : {}),
      },
      warning: undefined,
    };
  } catch (thrown) {
    const reason = packageJsonProblem(toError(thrown));
    return { packageJson: {}, warning: `Worker failed to load package.json: ${reason}` };
  }
}

function packageJsonProblem(error: Error): string {
  if ('code' in error && error.code === 'ENOENT') return 'file does not exist';
  if (error instanceof SyntaxError) return `file content is not valid JSON: ${error.message}`;
  return error.message;
}

/** A folder stands for all files in it, as with globby; files are loaded in the order of their names. */
async function findEntryPoints(scriptRoot: string, pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const match of glob(pattern, { cwd: scriptRoot })) {
    const isFolder = (await stat(join(scriptRoot, match))).isDirectory();
    if (!isFolder) files.push(match);
    else for await (const inner of glob(`${match}/**/*.*`, { cwd: scriptRoot })) files.push(inner);
  }
  if (files.length > 0) return [...new Set(files)].sort();
  const hint = pattern === 'index.js' ? '. Learn more here: https://aka.ms/AAla7et' : '';
  const isPattern = /[*?[\]{}!()]/.test(pattern);
  throw new SystemError(
    `${isPattern ? 'Found zero files matching the supplied pattern' : 'File does not exist'}${hint}`,
  );
}

async function loadFile(file: string, packageJson: PackageJson): Promise<void> {
  const isModule = file.endsWith('.mjs') || (!file.endsWith('.cjs') && packageJson.type === 'module');
  if (isModule) await import(pathToFileURL(file).href);
  else requireFile(file);
}
