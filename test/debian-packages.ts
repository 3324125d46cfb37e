import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

/** The path of a program, if it is installed. */
export function findProgram(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/**
 * Tests that need programs of Debian packages of the same names. Where one is missing they are skipped, which the name then
 * says; with `REQUIRE_DEBIAN_PACKAGES` set they fail instead.
 */
export function describeWithPackages(packages: readonly string[], name: string, tests: () => void): void {
  const missing = packages.filter((program) => !findProgram(program)).join(' ');
  if (missing === '') describe(name, tests);
  else if (process.env.REQUIRE_DEBIAN_PACKAGES)
    describe(name, () => {
      it(`needs ${missing}`, () => {
        throw new Error(`Not installed: ${missing}. Run: apt-get install ${missing}`);
      });
    });
  else describe.skip(`${name} (skipped: apt-get install ${missing})`, tests);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
