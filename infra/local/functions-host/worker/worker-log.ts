import type { AppRegistry } from './app-registry.ts';
import { toError } from './worker-errors.ts';
import type { WorkerLog, WorkerLogLevel } from './worker-messages.ts';

/** The invocation that a log line belongs to. */
export interface InvocationOfLog {
  readonly functionName: string;
  readonly invocationId: string;
  readonly hookData: Record<string, unknown>;
  /** The context of the app's function, as soon as there is one. */
  invocationContext: unknown;
}

/** Sends log lines to the host, past the app's log hooks, which may change the level and text of the app's own lines. */
export class WorkerLogger {
  #runsHooks = false;
  readonly #registry: AppRegistry;
  readonly #send: (log: WorkerLog) => void;

  constructor(registry: AppRegistry, send: (log: WorkerLog) => void) {
    this.#registry = registry;
    this.#send = send;
  }

  log(level: string, category: string, message: string, invocation?: InvocationOfLog): void {
    const line = {
      type: 'log' as const,
      level: level as WorkerLogLevel,
      category: category as WorkerLog['category'],
      message,
      ...(invocation ? { functionName: invocation.functionName, invocationId: invocation.invocationId } : {}),
    };
    this.#send(this.#afterHooks(line, invocation));
  }

  #afterHooks(line: WorkerLog, invocation: InvocationOfLog | undefined): WorkerLog {
    const hooks = this.#registry.hooks('log');
    if (hooks.length === 0 || this.#runsHooks) return line;
    const registry = this.#registry;
    const context = {
      level: line.level,
      message: line.message,
      get category() {
        return line.category;
      },
      hookData: invocation?.hookData ?? {},
      get appHookData() {
        return registry.appHookData;
      },
      invocationContext: invocation?.invocationContext,
    };
    this.#runsHooks = true;
    try {
      for (const hook of hooks) hook(context);
    } catch (thrown) {
      this.#send({ type: 'log', level: 'error', category: 'system', message: toError(thrown).message });
    } finally {
      this.#runsHooks = false;
    }
    return line.category === 'user'
      ? { ...line, level: context.level, message: String(context.message) }
      : line;
  }
}
