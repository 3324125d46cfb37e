import { fileURLToPath } from 'node:url';
import { withoutPermissiveLicence } from './permissive-licences.ts';
import { productionPackages } from './production-packages.ts';

/** `npm run licences`: lists the licences of all that the app depends on, and fails where one is not permissive. */
const packages = await productionPackages(fileURLToPath(new URL('../..', import.meta.url)));
const byLicence = Object.groupBy(packages, ({ license }) => license ?? 'none stated');
for (const [license, group = []] of Object.entries(byLicence).sort()) {
  const names = [...new Set(group.map(({ name, version }) => `${name} ${version}`))].sort();
  process.stdout.write(`${license} (${names.length})\n${names.map((name) => `  ${name}\n`).join('')}`);
}
const refused = withoutPermissiveLicence(packages);
for (const { name, version, license } of refused)
  process.stderr.write(`Not permissive: ${name} ${version}, ${license ?? 'which states no licence'}\n`);
if (refused.length > 0) process.exitCode = 1;
