import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../../part.ts';
import { type HostJson, readHostJson } from './host-json.ts';
import { type AppEnvironment, readAppEnvironment } from './local-settings.ts';

/** What the files of an app and the environment say before the app is loaded. */
export interface HostSettings extends AppEnvironment {
  /** Absolute. */
  readonly scriptRoot: string;
  readonly hostJson: HostJson;
}

/** @throws UsageError when the folder is none, or a file in it is wrong. */
export async function readHostSettings(
  folder: string,
  present: Readonly<Record<string, string | undefined>>,
): Promise<HostSettings> {
  const scriptRoot = resolve(folder);
  const found = await stat(scriptRoot).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`The script root ${scriptRoot} is not a folder`);
  const environment = await readAppEnvironment(scriptRoot, present, {
    AzureWebJobsScriptRoot: scriptRoot,
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    FUNCTIONS_WORKER_RUNTIME: 'node',
  });
  const runtime = environment.variables.FUNCTIONS_WORKER_RUNTIME;
  if (runtime !== 'node')
    throw new UsageError(`FUNCTIONS_WORKER_RUNTIME is ${runtime}; only node is supported`);
  return { ...environment, scriptRoot, hostJson: await readHostJson(scriptRoot, environment.variables) };
}
