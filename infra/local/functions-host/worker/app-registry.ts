import type { InvocationRequest, InvocationResponse } from '../typed-data.ts';
import { SystemError, UnknownHookError } from './worker-errors.ts';
import type { RegisteredBinding, RegisteredFunction, RegisteredRetryOptions } from './worker-messages.ts';

export type FunctionCallback = (...inputsAndContext: unknown[]) => unknown;
export type HookCallback = (context: object) => unknown;

/** What the library gives to `registerFunction`. */
export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, RegisteredBinding>>;
  readonly retryOptions?: RegisteredRetryOptions;
}

/** What the library is to the worker. */
export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(
    defaults: Record<string, string>,
  ): Record<string, string> | Promise<Record<string, string>>;
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: string, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

const hookNames = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
export type HookName = (typeof hookNames)[number];

/** What an app has registered so far. */
export class AppRegistry {
  /** One per copy of the library that registered a function. */
  readonly models: ProgrammingModel[] = [];
  /** Shared by all hooks. */
  readonly appHookData: Record<string, unknown> = {};
  /** Shared by the appStart and appTerminate hooks. */
  readonly appLevelHookData: Record<string, unknown> = {};
  currentEntryPoint = 'unknown';
  readonly #functions = new Map<
    string,
    { metadata: FunctionMetadata; callback: FunctionCallback; file: string }
  >();
  readonly #hooks = new Map<string, HookCallback[]>(hookNames.map((name) => [name, []]));
  #isLocked = false;

  /** The library in use: the last copy that was set wins. */
  get model(): ProgrammingModel | undefined {
    return this.models.at(-1);
  }

  /** From now on functions can neither be registered nor disposed of. */
  lock(): void {
    this.#isLocked = true;
  }

  /**
   * Registers a function; returns what takes it back.
   * @throws SystemError after the start, and for a name that is taken.
   */
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): () => void {
    if (this.#isLocked) throw new SystemError('A function can only be registered during app startup.');
    const id = metadata.functionId || metadata.name;
    if (this.#functions.has(id))
      throw new SystemError(`A function with id "${id}" has already been registered.`);
    this.#functions.set(id, { metadata, callback, file: this.currentEntryPoint });
    return () => {
      if (this.#isLocked) throw new SystemError('A function can only be disposed during app startup.');
      this.#functions.delete(id);
    };
  }

  find(functionId: string): { metadata: FunctionMetadata; callback: FunctionCallback } | undefined {
    return this.#functions.get(functionId);
  }

  /** @throws UnknownHookError for a name that no hook has. */
  hooks(name: string): HookCallback[] {
    const hooks = this.#hooks.get(name);
    if (!hooks) throw new UnknownHookError(`Unrecognized hook "${name}"`);
    return hooks;
  }

  registerHook(name: string, callback: HookCallback): () => void {
    const hooks = this.hooks(name);
    hooks.push(callback);
    return () => {
      const index = hooks.indexOf(callback);
      if (index >= 0) hooks.splice(index, 1);
    };
  }

  /** Runs the hooks of a name one after the other; the first that throws ends it. */
  async runHooks(name: HookName, context: object): Promise<void> {
    for (const hook of this.hooks(name)) await hook(context);
  }

  /** The functions as they can be sent to the host: like the real worker it sends JSON, so options without JSON are left out. */
  describeFunctions(): RegisteredFunction[] {
    return [...this.#functions].map(([functionId, { metadata, file }]) =>
      JSON.parse(
        JSON.stringify({
          functionId,
          name: metadata.name,
          scriptFile: file,
          bindings: metadata.bindings,
          retryOptions: metadata.retryOptions,
        }),
      ),
    );
  }
}
