import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { durableHttpApi } from '../durable/client/http-api.ts';
import { durableClientInput, rpcPath } from '../durable/client/management-urls.ts';
import { DurableEngine } from '../durable/engine/durable-engine.ts';
import type { DurableTaskSettings } from '../durable/engine/durable-task-settings.ts';
import { DurableFunctions } from '../durable-functions.ts';
import type { HostClock } from '../host-clock.ts';
import type { HostKeys } from '../http/host-keys.ts';
import { HttpTriggers } from '../http/http-trigger.ts';
import { FunctionCaller } from '../invocations/function-caller.ts';
import type { HostLog } from '../log/host-log.ts';
import { runByHand } from '../run-by-hand.ts';
import { MessageOutput } from '../service-bus/message-output.ts';
import { ServiceBusConnections } from '../service-bus/service-bus-connections.ts';
import { ServiceBusTriggers } from '../service-bus/service-bus-triggers.ts';
import { AppSettings } from '../settings/app-settings.ts';
import type { HostJson } from '../settings/host-json.ts';
import { localTimeZone } from '../timers/local-time-zone.ts';
import { TimerTriggers } from '../timers/timer-triggers.ts';
import type { AppWorker } from '../worker/app-worker.ts';
import type { WorkerSupervisor } from '../worker/worker-supervisor.ts';
import { AppStartError } from './app-start-error.ts';
import { checkBindings } from './check-bindings.ts';
import { defineApp } from './define-app.ts';
import { readDurableTaskSettings } from './durable-task-settings.ts';
import type { FunctionDefinition } from './function-definition.ts';

export interface AppOptions {
  readonly worker: { readonly supervisor: WorkerSupervisor; readonly first: AppWorker };
  readonly environment: Readonly<Record<string, string>>;
  readonly hostJson: HostJson;
  readonly hostClock: HostClock;
  readonly log: HostLog;
  readonly dataFolder: string;
  readonly keys: HostKeys;
  readonly port: number;
  readonly redeliveryDelay: number | undefined;
}

/** An app whose functions can be called. */
export interface RunningApp {
  readonly definitions: readonly FunctionDefinition[];
  readonly http: HttpTriggers;
  /** The Durable Task extension's HTTP API; none for an app without durable functions. */
  readonly durableApi: Hono<{ Bindings: HttpBindings }> | undefined;
  runByHand(functionName: string, input: string | undefined): boolean;
  /** Begins to listen to timers and Service Bus. */
  listen(): Promise<void>;
  /**
   * Listens no more, and waits until what is under way has ended, its durable work for so many milliseconds at most; it ends
   * in any case when the worker stops.
   */
  drain(milliseconds: number): Promise<void>;
  /** Closes its connections. */
  close(): Promise<void>;
}

/**
 * Builds the triggers of the functions that a worker has registered.
 * @throws AppStartError with a line for each function that cannot run here.
 */
export function startApp(options: AppOptions): RunningApp {
  const { worker, hostJson, hostClock, log, dataFolder, keys } = options;
  const { capabilities, functions } = worker.first;
  if (capabilities.HttpUri)
    throw new AppStartError('The app switches on HTTP streaming (app.setup), which is not supported');
  const settings = new AppSettings(options.environment);
  const definitions = defineApp(functions, settings, hostJson.functions);
  const durableSettings = readDurableTaskSettings(hostJson, settings);
  checkBindings(definitions, settings, durableSettings, log);

  const connections = new ServiceBusConnections(settings, hostJson.extensions.serviceBus);
  const caller = createCaller(options, connections, durableSettings.hubName);
  const { routePrefix } = hostJson.extensions.http;
  const http = new HttpTriggers({ definitions, routePrefix, keys, caller, log });
  const timers = new TimerTriggers({
    definitions,
    timeZone: localTimeZone(settings),
    dataFolder,
    clock: hostClock.clock,
    caller,
    onError: (error) => logError(log, 'Host.Triggers.Timer', error),
  });
  const serviceBus = new ServiceBusTriggers({
    definitions,
    connections,
    settings: hostJson.extensions.serviceBus,
    caller,
    log,
    keepEmptyEntries: capabilities.IncludeEmptyEntriesInMessagePayload !== undefined,
  });
  const engine = startEngine(options, definitions, durableSettings, caller);
  for (const part of [timers, serviceBus, engine]) if (part) hostClock.waitFor(part);
  return {
    definitions,
    http,
    durableApi: engine && durableHttpApi(engine, { key: keys.durabletask }),
    runByHand: (name, input) => runByHand({ definitions, caller, timers, log }, name, input),
    async listen() {
      timers.start();
      await serviceBus.start();
    },
    async drain(milliseconds) {
      await Promise.all([timers.stop(), serviceBus.stop(), engine?.stop(milliseconds)]);
    },
    close: () => connections.close(),
  };
}

function createCaller(
  { worker, environment, keys, port, log }: AppOptions,
  connections: ServiceBusConnections,
  hubName: string,
): FunctionCaller {
  const urls = {
    origin: `http://${environment.WEBSITE_HOSTNAME}`,
    rpcBaseUrl: `http://127.0.0.1:${port}${rpcPath}/`,
  };
  const client = durableClientInput(urls, hubName, keys.durabletask);
  return new FunctionCaller({
    invoker: worker.supervisor,
    outputs: new MessageOutput(connections),
    durableClientInput: () => client,
    log,
  });
}

/** The engine begins with what its task hub holds as soon as it is there. */
function startEngine(
  { hostClock, log, dataFolder, redeliveryDelay }: AppOptions,
  definitions: readonly FunctionDefinition[],
  settings: DurableTaskSettings,
  caller: FunctionCaller,
): DurableEngine | undefined {
  const isDurable = definitions.some(
    ({ trigger, durableClients }) =>
      trigger.kind === 'orchestration' || trigger.kind === 'activity' || durableClients.length > 0,
  );
  if (!isDurable) return undefined;
  return new DurableEngine({
    dataFolder,
    settings,
    invoker: new DurableFunctions(definitions, caller),
    clock: hostClock.clock,
    isReachable: () => hostClock.isReachable('durable-store'),
    log: (level, message, instanceId) =>
      log.write({
        level,
        category: 'Host.Triggers.DurableTask',
        message: instanceId === undefined ? message : `orchestration ${instanceId}: ${message}`,
        facts: { instanceId },
      }),
    ...(redeliveryDelay === undefined ? {} : { redeliveryDelay }),
  });
}

function logError(log: HostLog, category: string, error: unknown): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  log.write({ level: 'error', category, message, stack });
}
