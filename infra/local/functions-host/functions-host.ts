import type { Clock } from '../clock.ts';
import type { ListenAddress } from '../part.ts';
import type { FunctionDefinition } from './app/function-definition.ts';
import { refuseLegacyFunctions } from './app/refuse-legacy-functions.ts';
import { type RunningApp, startApp } from './app/start-app.ts';
import { Cleanup } from './cleanup.ts';
import { describeFunctions } from './describe-app.ts';
import { cloudClock, type HostClock, ownClock } from './host-clock.ts';
import { type HostKeys, openHostKeys } from './http/host-keys.ts';
import { startHostServer } from './http/host-server.ts';
import { requestHandlers } from './http/request-handlers.ts';
import { createHostLog, type HostLog, type HostLogOptions } from './log/host-log.ts';
import type { HostJson } from './settings/host-json.ts';
import { readHostSettings } from './settings/host-settings.ts';
import { waitAtMost } from './wait-at-most.ts';
import { logWorkerLine, logWorkerOutput } from './worker/worker-log-to-host.ts';
import { WorkerSupervisor } from './worker/worker-supervisor.ts';

/** The release of the real host whose behaviour this one follows. */
export const hostVersion = '4.1037.0.0';

export interface FunctionsHostOptions {
  /** Folder of the app: where its host.json and package.json are. */
  readonly scriptRoot: string;
  readonly address: ListenAddress;
  /** Folder for keys, timers' statuses and task hubs; made when it is not there. Hosts that share it share these. */
  readonly dataFolder: string;
  /** Milliseconds after which durable work of a dead or frozen host is given out again; five minutes when left out. */
  readonly redeliveryDelay?: number | undefined;
  /** Base URL of the local cloud's control API, whose clock the host then follows. */
  readonly controlUrl?: string | undefined;
  /** A clock of this process instead; without either, the machine's. */
  readonly clock?: Clock | undefined;
  /** The environment in which local.settings.json is read; this process's when left out. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told the app's environment before the app is loaded. */
  readonly prepareProcess?: (environment: Readonly<Record<string, string>>) => void;
  readonly log?: Partial<Pick<HostLogOptions, 'format' | 'output' | 'useColours'>>;
}

export interface RunningFunctionsHost {
  /** For example `http://localhost:7071`. */
  readonly origin: string;
  readonly port: number;
  readonly keys: HostKeys;
  readonly functions: readonly FunctionDefinition[];
  /** The environment that the app got. */
  readonly environment: Readonly<Record<string, string>>;
  /** Stops within two seconds: receives nothing more, lets what runs end for a while, gives the rest back. */
  close(): Promise<void>;
}

/** How long running functions may go on when the host stops, and what follows; milliseconds, less than 2 s in all. */
const grace = { functions: 1000, appTerminateHooks: 300, settling: 300, connections: 250 };

/**
 * Starts a Functions host with one app.
 * @throws UsageError when an option or a settings file is wrong, or the port is taken.
 * @throws AppStartError when the app does not load or uses what this host does not support.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<RunningFunctionsHost> {
  const cleanup = new Cleanup();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function start(options: FunctionsHostOptions, cleanup: Cleanup): Promise<RunningFunctionsHost> {
  const settings = await readHostSettings(options.scriptRoot, options.environment ?? process.env);
  const { scriptRoot, hostJson, variables } = settings;
  const { hostClock, log } = await openClockAndLog(options, hostJson);
  cleanup.add(() => hostClock.close());
  for (const message of settings.notes) log.write({ level: 'warning', category: 'Host.Startup', message });

  const server = await startHostServer(options.address, log);
  cleanup.add(() => server.close());
  const { port } = server;
  const environment = { ...variables, WEBSITE_HOSTNAME: variables.WEBSITE_HOSTNAME || `localhost:${port}` };
  options.prepareProcess?.(environment);
  const { dataFolder, redeliveryDelay } = options;
  const keys = await openHostKeys(dataFolder);
  const worker = await startWorker(scriptRoot, environment, hostJson, log);
  cleanup.add(() => worker.supervisor.stop(grace.appTerminateHooks));
  if (worker.first.functions.length === 0) await refuseLegacyFunctions(scriptRoot);
  const shared = { environment, hostJson, hostClock, log, dataFolder, redeliveryDelay };
  const app = startApp({ ...shared, worker, keys, port });
  cleanup.add(() => drain(app, worker.supervisor));
  cleanup.add(() => server.stopListening());
  server.open(requestHandlers({ app, keys, hostVersion, environment }));
  await app.listen();

  const origin = `http://localhost:${port}`;
  announce(log, app, origin, hostJson.extensions.http.routePrefix);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= cleanup.run();
    return closing;
  };
  return { origin, port, keys, functions: app.definitions, environment, close };
}

function startWorker(
  scriptRoot: string,
  environment: Readonly<Record<string, string>>,
  { functionTimeout }: HostJson,
  log: HostLog,
): ReturnType<typeof WorkerSupervisor.start> {
  return WorkerSupervisor.start({
    worker: {
      scriptRoot,
      hostVersion,
      environment,
      onLog: (line) => logWorkerLine(log, line),
      onOutput: (line, stream) => logWorkerOutput(log, line, stream),
    },
    log,
    functionTimeout,
  });
}

/** The log's times are the clock's, and what becomes of following the clock goes into the log. */
async function openClockAndLog(
  { controlUrl, clock, log: logOptions }: FunctionsHostOptions,
  { logging }: HostJson,
): Promise<{ hostClock: HostClock; log: HostLog }> {
  const opened: { log?: HostLog } = {};
  const say = (level: 'warning' | 'error', message: string, stack?: string) =>
    opened.log?.write({ level, category: 'Host.Clock', message, stack });
  const hostClock = controlUrl
    ? await cloudClock(controlUrl, {
        onConnectionChange: (isConnected) =>
          say(
            'warning',
            isConnected
              ? 'the local cloud answers again'
              : `the local cloud at ${controlUrl} does not answer`,
          ),
        onTaskError: (error) => {
          const { message, stack } = error instanceof Error ? error : new Error(String(error));
          say('error', message, stack);
        },
      })
    : ownClock(clock);
  opened.log = createHostLog({
    format: logOptions?.format ?? 'text',
    output: logOptions?.output ?? process.stdout,
    clock: hostClock.clock,
    levels: logging.logLevel,
    ...(logOptions?.useColours === undefined ? {} : { useColours: logOptions.useColours }),
  });
  return { hostClock, log: opened.log };
}

/** Lets what runs end for a while; what does not is given back when the worker stops, and settled. */
async function drain(app: RunningApp, supervisor: WorkerSupervisor): Promise<void> {
  const drained = app.drain(grace.functions);
  await waitAtMost(grace.functions, drained);
  await supervisor.stop(grace.appTerminateHooks);
  await waitAtMost(grace.settling, drained);
  await waitAtMost(grace.connections, app.close());
}

function announce(log: HostLog, { definitions }: RunningApp, origin: string, routePrefix: string): void {
  log.write({
    level: definitions.length === 0 ? 'warning' : 'information',
    category: 'Host.Startup',
    message: describeFunctions(definitions, origin, routePrefix),
    facts: { functions: definitions.map(({ name }) => name) },
  });
  log.write({
    level: 'information',
    category: 'Host.Startup',
    message: `Host started, listening on ${origin}`,
    facts: { url: origin, processId: process.pid },
  });
}
