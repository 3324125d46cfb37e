import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { versionDiagnoses } from './version-diagnoses.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const packageNames = ['@azure/functions', 'durable-functions'];

const hostJson = z.object({
  extensionBundle: z.object({ id: z.string().optional(), version: z.string().optional() }).optional(),
});
const packageJson = z.object({
  version: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});

/** Which versions of what the app needs this copy of Keyturn has. */
export function checkVersions(folder = root): Check {
  return {
    subject: { kind: 'version', name: 'extension bundle' },
    async examine() {
      const host = await readJson(join(folder, 'host.json'), hostJson);
      const own = await readJson(join(folder, 'package.json'), packageJson);
      const packages = await Promise.all(
        packageNames.map(async (name) => ({
          name,
          wanted: own?.dependencies?.[name],
          installed: await installedVersion(name),
        })),
      );
      return versionDiagnoses({
        node: process.versions.node,
        extensionBundle: host?.extensionBundle,
        packages,
      });
    },
  };
}

async function installedVersion(name: string): Promise<string | undefined> {
  try {
    const file = findPackageJSON(name, import.meta.url);
    return file === undefined ? undefined : (await readJson(file, packageJson))?.version;
  } catch {
    return undefined;
  }
}

/** Undefined: there is none that can be read, which is said in its place. */
async function readJson<Document>(file: string, schema: z.ZodType<Document>): Promise<Document | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
