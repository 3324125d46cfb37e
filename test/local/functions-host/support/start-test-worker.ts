import { randomUUID } from 'node:crypto';
import type { InvocationRequest, TypedData } from '../../../../infra/local/functions-host/typed-data.ts';
import { AppWorker, type InvocationEnd } from '../../../../infra/local/functions-host/worker/app-worker.ts';
import type { WorkerLog } from '../../../../infra/local/functions-host/worker/worker-messages.ts';
import { type AppFiles, writeApp } from './write-app.ts';

export interface TestWorker {
  readonly worker: AppWorker;
  readonly logs: WorkerLog[];
  readonly output: string[];
  /** Runs a function with this input for its trigger. */
  invoke(functionName: string, input: TypedData, more?: Partial<InvocationRequest>): Promise<InvocationEnd>;
  /** Runs a function and gives its return value; fails when the run does. */
  returnValue(
    functionName: string,
    input: TypedData,
    more?: Partial<InvocationRequest>,
  ): Promise<TypedData | null | undefined>;
  close(): Promise<void>;
}

/** Loads an app in a worker, without the rest of the host. */
export async function startTestWorker(
  files: AppFiles,
  environment: Record<string, string> = {},
): Promise<TestWorker> {
  const { folder, remove } = await writeApp(files);
  const logs: WorkerLog[] = [];
  const output: string[] = [];
  const options = {
    scriptRoot: folder,
    hostVersion: '4.0.0',
    environment: { PATH: process.env.PATH ?? '', ...environment },
    onLog: (log: WorkerLog) => void logs.push(log),
    onOutput: (line: string) => void output.push(line),
  };
  const worker = await AppWorker.start(options).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const invoke: TestWorker['invoke'] = (functionName, input, more) =>
    worker.invoke({
      invocationId: randomUUID(),
      functionId: functionName,
      inputData: [{ name: triggerName(worker, functionName), data: input }],
      triggerMetadata: {},
      traceContext: { traceParent: '', traceState: '', attributes: {} },
      ...more,
    });
  return {
    worker,
    logs,
    output,
    invoke,
    async returnValue(functionName, input, more) {
      const end = await invoke(functionName, input, more);
      if (end.kind !== 'returned') throw new Error(`${functionName} ended: ${JSON.stringify(end)}`);
      return end.response.returnValue;
    },
    async close() {
      await worker.stop(1000);
      await remove();
    },
  };
}

function triggerName(worker: AppWorker, functionName: string): string {
  const bindings = worker.functions.find(({ name }) => name === functionName)?.bindings ?? {};
  return Object.keys(bindings).find((name) => /trigger$/i.test(bindings[name]?.type ?? '')) ?? '';
}
