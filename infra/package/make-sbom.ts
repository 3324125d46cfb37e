import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { productionPackages } from './production-packages.ts';

/** As much of a CycloneDX bill of materials as is read here. */
export interface Sbom {
  readonly metadata: { readonly component: Readonly<Record<string, unknown>> };
  readonly components: readonly { readonly 'bom-ref': string; readonly [member: string]: unknown }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const command = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];

/**
 * npm's own list of all libraries, without those that only the tests and the tools need: with `--omit=dev` npm 11 would also leave
 * out what both need, and it calls the app by the folder that it lies in.
 */
export async function makeSbom(projectFolder: string): Promise<Sbom> {
  const { name, version } = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8'));
  const { stdout } = await promisify(execFile)('npm', command, { cwd: projectFolder, maxBuffer: 2 ** 26 });
  const all: Sbom = JSON.parse(stdout);
  const packages = await productionPackages(projectFolder);
  const kept = new Set([`${name}@${version}`, ...packages.map((each) => `${each.name}@${each.version}`)]);
  return {
    ...all,
    metadata: { ...all.metadata, component: { ...all.metadata.component, name } },
    components: all.components.filter((component) => kept.has(component['bom-ref'])),
    dependencies: all.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) })),
  };
}
