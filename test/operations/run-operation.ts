import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentFileText } from '../../infra/local/environment-file.ts';
import type { RunningService } from '../service/running-service.ts';

export interface OperationOutput {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command of operators in a process of its own, with the settings of the app in a file. */
export async function runOperation(
  service: RunningService,
  name: 'rebuild' | 'report' | 'measure' | 'messages',
  ...words: readonly string[]
): Promise<OperationOutput> {
  const settings = join(service.folder, `${name}.env`);
  await writeFile(settings, environmentFileText(service.settings));
  const child = spawn(
    process.execPath,
    [`src/operations/${name}/start.ts`, ...words, '--settings', settings],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, output, errors };
}
