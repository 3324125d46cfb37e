import { isPermitted } from './licence-expression.ts';
import type { ProductionPackage } from './production-packages.ts';

/** Licences that ask for no more than to pass on their text: what Keyturn is made of must not bind those who use it. */
const permissive: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
  'Zlib',
]);

/** The libraries whose licence is none of these, or which state none. */
export function withoutPermissiveLicence(packages: readonly ProductionPackage[]): ProductionPackage[] {
  return packages.filter(({ license }) => license === undefined || !isPermitted(license, permissive));
}
