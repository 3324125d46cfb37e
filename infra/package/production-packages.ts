import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A library that the app runs with, as package-lock.json has it. */
export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, such as `MIT` or `(MIT OR Apache-2.0)`. Undefined where the library states none. */
  readonly license: string | undefined;
  /** Where it is installed, such as `node_modules/zod`. */
  readonly folder: string;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** All libraries that the app depends on, directly or not, those of other platforms among them; by folder. */
export async function productionPackages(projectFolder: string): Promise<ProductionPackage[]> {
  const { packages } = JSON.parse(
    await readFile(join(projectFolder, 'package-lock.json'), 'utf8'),
  ) as LockFile;
  return Object.entries(packages)
    .filter(([folder, { dev }]) => folder !== '' && !dev)
    .map(([folder, { version, license }]) => ({ name: nameOf(folder), version, license, folder }));
}

function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
