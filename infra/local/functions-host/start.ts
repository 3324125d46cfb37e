import { resolve } from 'node:path';
import { UsageError } from '../part.ts';
import { AppStartError } from './app/app-start-error.ts';
import { help, parseCommandLine } from './command-line.ts';
import { startFunctionsHost } from './functions-host.ts';

try {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.kind === 'help') process.stdout.write(`${help}\n`);
  else await run(command);
} catch (error) {
  fail(error);
}

async function run(command: Extract<ReturnType<typeof parseCommandLine>, { kind: 'start' }>): Promise<void> {
  const dataFolder = resolve(command.dataFolder);
  const scriptRoot = resolve(command.scriptRoot);
  const host = await startFunctionsHost({
    scriptRoot,
    dataFolder,
    address: { host: '127.0.0.1', port: command.port },
    redeliveryDelay: command.redeliveryDelay,
    controlUrl: command.controlUrl,
    log: { format: command.logFormat },
    // The worker is a thread: what it needs of its process, it has to find here.
    prepareProcess: (environment) => {
      process.chdir(scriptRoot);
      Object.assign(process.env, environment);
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      host.close().then(() => process.exit(0), fail);
    });
  }
}

/** A person's mistake ends with 2, an app that cannot be started with 1; each in its own words. */
function fail(error: unknown): void {
  const isForPeople = error instanceof UsageError || error instanceof AppStartError;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${isForPeople ? message : (stack ?? message)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
