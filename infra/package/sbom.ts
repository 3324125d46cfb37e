import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makeSbom } from './make-sbom.ts';

/** `npm run sbom`: writes the list of all libraries that the app depends on, as CycloneDX. */
const sbom = await makeSbom(fileURLToPath(new URL('../..', import.meta.url)));
const folder = new URL('../../dist/', import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL('keyturn.sbom.json', folder), `${JSON.stringify(sbom, undefined, 2)}\n`);
process.stdout.write(`dist/keyturn.sbom.json  ${sbom.components.length} libraries\n`);
