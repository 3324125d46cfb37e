import { AsyncLocalStorage } from 'node:async_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { InvocationRequest } from '../typed-data.ts';
import { AppRegistry } from './app-registry.ts';
import { provideCoreModule } from './core-module.ts';
import { trustExtraAuthorities } from './extra-authorities.ts';
import { loadedCopiesOfLibrary } from './library-copies.ts';
import { loadEntryPoints } from './load-entry-points.ts';
import { runInvocation } from './run-invocation.ts';
import { describeError, SystemError } from './worker-errors.ts';
import { WorkerLogger } from './worker-log.ts';
import type { MessageFromWorker, MessageToWorker, WorkerStart } from './worker-messages.ts';

/** The capabilities that the Node.js worker itself declares. */
const workerCapabilities = {
  RawHttpBodyBytes: 'true',
  RpcHttpTriggerMetadataRemoved: 'true',
  RpcHttpBodyOnly: 'true',
  IgnoreEmptyValuedRpcHttpHeaders: 'true',
  UseNullableValueDictionaryForHttp: 'true',
  WorkerStatus: 'true',
  TypedDataCollection: 'true',
  HandlesWorkerTerminateMessage: 'true',
};

const { scriptRoot, hostVersion } = workerData as WorkerStart;
const registry = new AppRegistry();
const logger = new WorkerLogger(registry, send);
const running = new AsyncLocalStorage<{ functionName: string; invocationId: string }>();

trustExtraAuthorities(process.env.NODE_EXTRA_CA_CERTS);
process.on('uncaughtException', (thrown, origin) => {
  send({ type: 'lastWords', origin, ...describeError(thrown), ...running.getStore() });
  process.exit(1);
});
provideCoreModule(registry, hostVersion, (level, category, message) => logger.log(level, category, message));
parentPort?.on('message', onMessage);
await start();

async function start(): Promise<void> {
  try {
    for (const warning of await loadEntryPoints(scriptRoot, registry))
      logger.log('warning', 'system', warning);
    await registry.runHooks('appStart', {
      hookData: registry.appLevelHookData,
      appHookData: registry.appHookData,
      functionAppDirectory: scriptRoot,
    });
    registry.lock();
    if (registry.models.length > 1)
      throw new SystemError(
        `The app loads ${registry.models.length} copies of @azure/functions, and only the last one would work: ${loadedCopiesOfLibrary()}`,
      );
    const capabilities = await registry.model?.getCapabilities?.({ ...workerCapabilities });
    send({
      type: 'started',
      functions: registry.describeFunctions(),
      capabilities: capabilities ?? workerCapabilities,
    });
  } catch (thrown) {
    send({ type: 'startFailed', ...describeError(thrown) });
  }
}

async function onMessage(message: MessageToWorker): Promise<void> {
  if (message.type === 'terminate') await terminate();
  else await invoke(message.request);
}

async function invoke(request: InvocationRequest): Promise<void> {
  const { invocationId, functionId } = request;
  const functionName = registry.find(functionId)?.metadata.name ?? functionId;
  try {
    const response = await running.run({ functionName, invocationId }, () =>
      runInvocation(registry, request, logger),
    );
    send({ type: 'returned', invocationId, response });
  } catch (thrown) {
    send({ type: 'threw', invocationId, ...describeError(thrown) });
  }
}

async function terminate(): Promise<void> {
  try {
    await registry.runHooks('appTerminate', {
      hookData: registry.appLevelHookData,
      appHookData: registry.appHookData,
    });
  } catch (thrown) {
    logger.log('error', 'system', `An appTerminate hook failed: ${describeError(thrown).message}`);
  }
  process.exit(0);
}

function send(message: MessageFromWorker): void {
  parentPort?.postMessage(message);
}
