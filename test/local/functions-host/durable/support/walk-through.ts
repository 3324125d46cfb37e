import type { OrchestratorResult } from '../../../../../infra/local/functions-host/durable/episode/orchestrator-result.ts';
import { orchestratorState } from '../../../../../infra/local/functions-host/durable/walk/orchestrator-action.ts';
import { walk } from '../../../../../infra/local/functions-host/durable/walk/walk.ts';
import { defaultWalkLimits } from '../../../../../infra/local/functions-host/durable/walk/walk-settings.ts';
import { shortHistory } from './short-history.ts';

/** The actions that an orchestrator can return, in short, and the walk over a history in short. */

export const activity = (functionName: string) => ({ actionType: 0, functionName, input: {} });
export const retrying = (functionName: string, attempts: number, options: object = {}) => ({
  actionType: 1,
  functionName,
  retryOptions: { firstRetryIntervalInMilliseconds: 1000, maxNumberOfAttempts: attempts, ...options },
});
export const child = (functionName: string, instanceId?: string) => ({
  actionType: 2,
  functionName,
  instanceId,
});
export const again = { actionType: 4, input: { next: true } };
export const timer = (second: number, isCanceled = false) => ({
  actionType: 5,
  fireAt: new Date(second * 1000).toISOString(),
  isCanceled,
});
export const event = (externalEventName: string) => ({ actionType: 6, externalEventName });
export const any = (...compoundActions: object[]) => ({ actionType: 11, compoundActions });
export const all = (...compoundActions: object[]) => ({ actionType: 12, compoundActions });

/** What an orchestrator returned, as far as a test cares. */
export interface Returned {
  readonly actions?: readonly object[];
  readonly isDone?: boolean;
  readonly error?: string;
  readonly output?: unknown;
}

export function returned({ actions = [], isDone = false, ...rest }: Returned): OrchestratorResult {
  const state = orchestratorState.parse({ isDone, actions: [actions], schemaVersion: 2, ...rest });
  return { kind: 'state', state, stack: undefined };
}

export function walkThrough(history: string, result: OrchestratorResult) {
  return walk(shortHistory(history), result, {
    orchestratorName: 'main',
    instanceId: 'i1',
    executionId: 'e1',
    parentInstanceId: null,
    exists: (_kind, name) => name !== 'Missing',
    missingFunctionMessage: (kind, name) => `no ${kind} ${name}`,
    limits: defaultWalkLimits,
  });
}
