import type { ExecutionStarted } from '../history-event.ts';
import type { WalkLimits } from '../walk/walk-settings.ts';

/** What the orchestration trigger says beside the history. */
export interface TriggerFacts {
  readonly started: ExecutionStarted;
  /** Whether the generation had an episode before. */
  readonly isReplaying: boolean;
  readonly limits: WalkLimits;
}

/** The oldest and newest schema of returned states that extension 2.13 understands: V2 and V3. */
const schemaVersions = { upperSchemaVersion: 1, upperSchemaVersionNew: 2 };

/** Milliseconds between polls of an asynchronous HTTP call; the misspelt name is the extension's. */
const httpPolling = { defaultHttpAsyncRequestSleepTimeMillseconds: 30_000 };

/**
 * The orchestration trigger's JSON text. History is given as the texts of its events, so that a long one is not parsed and
 * written again for each episode.
 */
export function triggerInput(
  history: readonly string[],
  { started, isReplaying, limits }: TriggerFacts,
): string {
  const rest = JSON.stringify({
    instanceId: started.OrchestrationInstance.InstanceId,
    isReplaying,
    parentInstanceId: started.ParentInstance?.OrchestrationInstance.InstanceId ?? null,
    ...schemaVersions,
    longRunningTimerIntervalDuration: timeSpan(limits.longTimerInterval),
    maximumShortTimerDuration: timeSpan(limits.maximumShortTimer),
    ...httpPolling,
  });
  return `{"history":[${history.join(',')}],"input":${started.Input ?? 'null'},${rest.slice(1)}`;
}

/** A duration in milliseconds as .NET writes it, for example `3.00:00:00`. */
function timeSpan(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const days = Math.floor(seconds / 86_400);
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return `${days}.${parts.map((part) => String(part).padStart(2, '0')).join(':')}`;
}
