import { z } from 'zod';
import type { DurableInvocationFailure, OrchestratorInvocation } from '../function-invoker.ts';
import { hideCredentials } from '../hide-credentials.ts';
import { type OrchestratorState, orchestratorState } from '../walk/orchestrator-action.ts';

/** What an orchestrator's invocation means for the walk. */
export type OrchestratorResult =
  | { readonly kind: 'state'; readonly state: OrchestratorState; readonly stack: string | undefined }
  /** It returned nothing at all, which the extension takes for an orchestration that is done. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'failedWithoutState'; readonly message: string }
  /** It threw a state that is none, perhaps because the scrubber cut into it. */
  | { readonly kind: 'unreadableState'; readonly message: string };

/** What stands before the state in the message that the library throws when an orchestrator fails. */
const stateLabel = '\n\n$OutOfProcData$:';

/**
 * Reads how an orchestrator's invocation ended. A thrown message may carry the state; the host's scrubber has been over it by
 * then, so that it can also hide parts of the state.
 */
export function readOrchestratorResult(
  invocation: OrchestratorInvocation | Exclude<DurableInvocationFailure, { kind: 'abandoned' | 'timedOut' }>,
): OrchestratorResult {
  switch (invocation.kind) {
    case 'returned':
      return readReturned(invocation.value);
    case 'workerExited':
      return { kind: 'failedWithoutState', message: aggregated(invocation.message) };
    case 'threw': {
      const message = hideCredentials(invocation.message);
      const stack = hideCredentials(invocation.stack ?? '');
      const label = message.indexOf(stateLabel);
      if (label >= 0) return readThrown(message.slice(label + stateLabel.length), stack);
      return { kind: 'failedWithoutState', message: aggregated(workerException(message, stack)) };
    }
  }
}

/** The text of the exception that the host makes of a worker's failure. */
export function workerException(message: string, stack: string): string {
  return `Result: Failure\nException: ${message}\nStack: ${stack}`;
}

/** The extension waits for the worker in a way that wraps its exception, and shows the wrapper's message. */
function aggregated(message: string): string {
  return `One or more errors occurred. (${message})`;
}

function readReturned(value: unknown): OrchestratorResult {
  if (value === undefined || value === null) return { kind: 'nothing' };
  const state = readState(value);
  if (typeof state === 'string') return { kind: 'failedWithoutState', message: state };
  return { kind: 'state', state, stack: undefined };
}

function readThrown(text: string, stack: string): OrchestratorResult {
  const state = readState(text);
  if (typeof state === 'string') return { kind: 'unreadableState', message: state };
  return { kind: 'state', state, stack };
}

/** The state, or what is wrong with it. */
function readState(value: unknown): OrchestratorState | string {
  const candidate = typeof value === 'string' ? parseJson(value) : value;
  if (typeof candidate !== 'object' || candidate === null)
    return 'Out of proc orchestrators must return a valid JSON schema';
  const state = orchestratorState.safeParse(candidate);
  return state.success ? state.data : (state.error.issues[0]?.message ?? z.prettifyError(state.error));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
