import { resolve } from 'node:path';
import { UsageError } from '../part.ts';
import { AppStartError } from './app/app-start-error.ts';
import { type CommandLine, help, parseCommandLine } from './command-line.ts';
import { type RunningFunctionsHost, startFunctionsHost } from './functions-host.ts';

/** Runs the host as the command line says, until a signal ends it. Exit codes: 2 a mistake in what was asked, 1 a broken app. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  try {
    const command = parseCommandLine(args);
    if (command.kind === 'help') process.stdout.write(`${help}\n`);
    else await run(command);
  } catch (error) {
    fail(error);
  }
}

async function run(command: Extract<CommandLine, { kind: 'start' }>): Promise<void> {
  const scriptRoot = resolve(command.scriptRoot);
  const starting = startFunctionsHost({
    scriptRoot,
    dataFolder: resolve(command.dataFolder),
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
  let running: RunningFunctionsHost | undefined;
  let isStopping = false;
  const stop = () => {
    if (isStopping || !running) process.exit(isStopping ? 130 : 0);
    isStopping = true;
    running.close().then(() => process.exit(0), fail);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  running = await starting;
}

/** A person's mistake ends with 2, an app that cannot be started with 1; each in its own words. */
function fail(error: unknown): void {
  const isForPeople = error instanceof UsageError || error instanceof AppStartError;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${isForPeople ? message : (stack ?? message)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
