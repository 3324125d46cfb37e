import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeModules = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

/** Files of an app by their paths; objects become JSON. */
export type AppFiles = Readonly<Record<string, string | object>>;

/**
 * Writes an app into a folder of its own. Unless given, its package.json names `app.mjs` as main and its host.json is the
 * shortest one. The folder is removed by the returned function.
 */
export async function writeApp(files: AppFiles): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'functions-app-'));
  await symlink(nodeModules, join(folder, 'node_modules'));
  const all = { 'package.json': { main: 'app.mjs' }, 'host.json': { version: '2.0' }, ...files };
  for (const [path, content] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
