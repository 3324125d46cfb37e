import {
  type EventRaised,
  EventType,
  type ExecutionStarted,
  eventHeader,
  type HistoryEvent,
} from '../history-event.ts';

/** One generation of an instance as an episode sees it. */
export interface Generation {
  readonly started: ExecutionStarted;
  /** Events of earlier episodes, as texts and parsed. */
  readonly pastTexts: readonly string[];
  readonly past: readonly HistoryEvent[];
  /** Events that this episode begins with. */
  readonly fresh: readonly HistoryEvent[];
  /** Whether `fresh` begins a history that takes the place of the stored one. */
  readonly replacesHistory: boolean;
}

export function executionIdOf(generation: Generation): string {
  return generation.started.OrchestrationInstance.ExecutionId;
}

/**
 * The generation that continue-as-new begins: its history is its start and the carried events, and its first episode runs on
 * them alone. The framework writes OrchestratorCompleted before that episode's own events.
 */
export function nextGeneration(
  previous: ExecutionStarted,
  input: string | null,
  carried: readonly EventRaised[],
  executionId: string,
  now: Date,
): Generation {
  const started: ExecutionStarted = {
    ...previous,
    ...eventHeader(EventType.executionStarted, now),
    Input: input,
    OrchestrationInstance: { ...previous.OrchestrationInstance, ExecutionId: executionId },
  };
  const fresh = [
    eventHeader(EventType.orchestratorStarted, now),
    started,
    ...carried.map((event) => ({ ...event, IsPlayed: false })),
    eventHeader(EventType.orchestratorCompleted, now),
  ];
  return { started, pastTexts: [], past: [], fresh, replacesHistory: true };
}
