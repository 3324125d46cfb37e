import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundle-app.ts';
import { libraryFolders } from './library-folders.ts';

interface LibraryManifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

const rule = `\n\n${'='.repeat(100)}\n\n`;

/** Which libraries the package contains, under which licences, with the texts that these want to be passed on. */
export async function thirdPartyNotices(projectFolder: string, bundle: Bundle): Promise<string> {
  const notices = new Set<string>();
  for (const folder of libraryFolders(bundle.inputs))
    notices.add(await noticeOf(join(projectFolder, folder)));
  const comments = `Comments about rights in the bundled files\n\n${bundle.legalComments.trim()}`;
  return `${['The package of Keyturn contains these libraries.', ...[...notices].sort(), comments].join(rule)}\n`;
}

async function noticeOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as LibraryManifest;
  const { name, version, license } = manifest;
  if (license === undefined) throw new Error(`${name} ${version} says no licence in its package.json`);
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const title = `${name} ${version}\nLicence: ${license}`;
  return [title, ...texts.map((text) => text.replaceAll('\r\n', '\n').trim())].join('\n\n');
}
