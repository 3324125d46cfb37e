import { fileURLToPath } from 'node:url';
import { makePackage, writePackage } from './make-package.ts';

/** `npm run package` */
const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const { files } = await makePackage(projectFolder);
const zip = await writePackage(files, fileURLToPath(new URL('../../dist', import.meta.url)));
process.stdout.write(`dist/package      ${files.size} files, ${megabytes([...files.values()])}\n`);
process.stdout.write(`dist/keyturn.zip  ${megabytes([zip])}\n`);

function megabytes(parts: readonly Uint8Array[]): string {
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  return `${(bytes / 1_000_000).toFixed(2)} MB`;
}
