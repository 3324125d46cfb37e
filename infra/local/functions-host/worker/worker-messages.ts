import type { InvocationRequest, InvocationResponse } from '../typed-data.ts';

/** What a worker is started with. */
export interface WorkerStart {
  readonly scriptRoot: string;
  readonly hostVersion: string;
}

/** A binding of a function as the app declared it, with every option that the user gave. */
export interface RegisteredBinding {
  readonly name: string;
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly properties?: { readonly supportsDeferredBinding?: string };
  readonly [option: string]: unknown;
}

/** A function as the app registered it. */
export interface RegisteredFunction {
  readonly functionId: string;
  readonly name: string;
  /** The file that the worker was loading. */
  readonly scriptFile: string;
  readonly bindings: Readonly<Record<string, RegisteredBinding>>;
  readonly retryOptions?: RegisteredRetryOptions;
}

export interface RegisteredRetryOptions {
  readonly retryStrategy: 'fixedDelay' | 'exponentialBackoff';
  /** -1 is without end. */
  readonly maxRetryCount: number;
  readonly delayInterval?: { readonly seconds: number };
  readonly minimumInterval?: { readonly seconds: number };
  readonly maximumInterval?: { readonly seconds: number };
}

export type WorkerLogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

export type MessageToWorker =
  | { readonly type: 'invoke'; readonly request: InvocationRequest }
  | { readonly type: 'terminate' };

export interface WorkerError {
  readonly message: string;
  readonly stack: string | undefined;
}

export interface WorkerLog {
  readonly type: 'log';
  readonly level: WorkerLogLevel;
  readonly category: 'user' | 'system' | 'customMetric';
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}

/** The last words of a worker that ends because of an error that nobody caught. */
export interface WorkerLastWords extends WorkerError {
  readonly type: 'lastWords';
  readonly origin: 'uncaughtException' | 'unhandledRejection';
  /** Whose code it was, when the error came from an invocation. */
  readonly functionName?: string;
  readonly invocationId?: string;
}

export type MessageFromWorker =
  | {
      readonly type: 'started';
      readonly functions: readonly RegisteredFunction[];
      readonly capabilities: Readonly<Record<string, string>>;
    }
  | ({ readonly type: 'startFailed' } & WorkerError)
  | { readonly type: 'returned'; readonly invocationId: string; readonly response: InvocationResponse }
  | ({ readonly type: 'threw'; readonly invocationId: string } & WorkerError)
  | WorkerLog
  | WorkerLastWords;
