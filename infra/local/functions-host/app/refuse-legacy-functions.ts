import { glob } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppStartError } from './app-start-error.ts';

/**
 * An app that registers nothing may be one of the programming model v3, whose functions are folders with a function.json; the
 * real host would run them.
 * @throws AppStartError that names them.
 */
export async function refuseLegacyFunctions(scriptRoot: string): Promise<void> {
  const problems: string[] = [];
  for await (const file of glob('*/function.json', { cwd: scriptRoot }))
    problems.push(
      `The '${dirname(file)}' function is in error: function.json (programming model v3) is not supported`,
    );
  if (problems.length > 0) throw new AppStartError(problems.sort().join('\n'));
}
