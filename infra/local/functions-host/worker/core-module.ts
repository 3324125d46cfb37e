import Module from 'node:module';
import type {
  AppRegistry,
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  ProgrammingModel,
} from './app-registry.ts';

/** Version of the Node.js worker whose interface this one has. */
export const workerVersion = '3.10.1';

type Log = (level: string, category: string, message: string) => void;

/** Something that can be taken back, in the worker's own shape. */
class Disposable {
  #dispose: (() => unknown) | undefined;

  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables.splice(0)) disposable.dispose();
    });
  }

  dispose(): unknown {
    const dispose = this.#dispose;
    this.#dispose = undefined;
    return dispose?.();
  }
}

/**
 * Makes `require('@azure/functions-core')` answer the worker's interface, in this thread, as the real worker does: by its own
 * `require`. Call it before any code of the app is loaded.
 */
export function provideCoreModule(registry: AppRegistry, hostVersion: string, log: Log): void {
  const core = {
    version: workerVersion,
    hostVersion,
    registerHook: (name: string, callback: HookCallback) =>
      new Disposable(registry.registerHook(name, callback)),
    setProgrammingModel: (model: ProgrammingModel) => {
      registry.models.push(model);
    },
    getProgrammingModel: () => registry.model,
    log,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
      new Disposable(registry.registerFunction(metadata, callback)),
    Disposable,
  };
  const nodeRequire = Module.prototype.require;
  Module.prototype.require = function requireOrCore(this: NodeJS.Module, id: string): unknown {
    return id === '@azure/functions-core' ? core : nodeRequire.call(this, id);
  } as typeof nodeRequire;
}
