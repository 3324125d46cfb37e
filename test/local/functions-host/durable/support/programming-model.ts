import { randomUUID } from 'node:crypto';
import Module from 'node:module';

/** Typed data as the worker and its host exchange it, as far as durable functions use it. */
interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly int?: number;
  readonly double?: number;
  readonly bytes?: Uint8Array;
}

interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Record<string, { readonly type: string }>;
}

type Callback = (...args: unknown[]) => unknown;

interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], callback: Callback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}

interface ProgrammingModel {
  getInvocationModel(coreContext: object): InvocationModel | Promise<InvocationModel>;
}

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: Callback;
}

let model: ProgrammingModel | undefined;
let registered: RegisteredFunction[] = [];

const core = {
  version: '3.10.0',
  hostVersion: '4.1037.0',
  Disposable: class {},
  registerHook: () => ({ dispose() {} }),
  setProgrammingModel(given: ProgrammingModel) {
    model = given;
  },
  getProgrammingModel: () => model,
  log() {},
  registerFunction(metadata: FunctionMetadata, callback: Callback) {
    registered.push({ metadata, callback });
    return { dispose() {} };
  },
};

/** Lets the libraries find this file's stand-in for the worker's `@azure/functions-core`. */
function supplyCore(): void {
  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = (request, ...rest) =>
    request === '@azure/functions-core' ? core : load.call(loader, request, ...rest);
}

supplyCore();

/** The real library, loaded once its core is there. */
export const df = await import('durable-functions');

/** What `register` registers through the library. */
export function registrationsOf(register: () => void): readonly RegisteredFunction[] {
  registered = [];
  register();
  return registered;
}

/** Invokes a function as the worker does, and returns what the host decodes of its return value. */
export async function invokeThroughModel(
  { metadata, callback }: RegisteredFunction,
  input: string | undefined,
): Promise<unknown> {
  if (!model) throw new Error('No programming model was set');
  const [name = ''] = Object.keys(metadata.bindings);
  const invocationId = randomUUID();
  const request = {
    invocationId,
    functionId: metadata.name,
    inputData: [{ name, data: input === undefined ? {} : { string: input } }],
    triggerMetadata: {},
  };
  const invocation = await model.getInvocationModel({ invocationId, request, metadata, log() {} });
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, inputs, callback);
  const { returnValue } = await invocation.getResponse(context, result);
  return decoded(returnValue);
}

function decoded(data: TypedData | null | undefined): unknown {
  if (!data) return undefined;
  if (data.json !== undefined) return JSON.parse(data.json);
  return data.string ?? data.bytes ?? data.int ?? data.double;
}
