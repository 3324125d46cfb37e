import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, bundleApp } from './bundle-app.ts';
import { thirdPartyNotices } from './third-party-notices.ts';
import { zipFiles } from './zip-files.ts';

export interface Package {
  /** Files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly bundle: Bundle;
}

interface ProjectManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly main: string;
}

const entryFile = 'start.mjs';

/** Source maps serve only what is loaded after they are switched on. */
const entry = `process.setSourceMapsEnabled(true);
await import('./keyturn.mjs');
`;

/** What the Functions host loads: one bundle with its source map, without anything to install. */
export async function makePackage(projectFolder: string): Promise<Package> {
  const read = (file: string) => readFile(join(projectFolder, file), 'utf8');
  const { name, version, license, main } = JSON.parse(await read('package.json')) as ProjectManifest;
  const bundle = await bundleApp(projectFolder, main);
  const manifest = { name, version, private: true, license, type: 'module', main: entryFile };
  const texts = new Map([
    ...bundle.files,
    [entryFile, entry],
    ['host.json', await read('host.json')],
    ['package.json', `${JSON.stringify(manifest, undefined, 2)}\n`],
    ['LICENSE', await read('LICENSE')],
    ['THIRD-PARTY-NOTICES.txt', await thirdPartyNotices(projectFolder, bundle)],
  ]);
  return { files: new Map([...texts].map(([file, text]) => [file, Buffer.from(text)])), bundle };
}

/** Writes the package into `package/` of a folder, in place of the one before, and zipped into `keyturn.zip`. */
export async function writePackage(files: Package['files'], targetFolder: string): Promise<Uint8Array> {
  const packageFolder = join(targetFolder, 'package');
  await rm(packageFolder, { recursive: true, force: true });
  await mkdir(packageFolder, { recursive: true });
  for (const [file, bytes] of files) await writeFile(join(packageFolder, file), bytes);
  const zip = zipFiles(files);
  await writeFile(join(targetFolder, 'keyturn.zip'), zip);
  return zip;
}
