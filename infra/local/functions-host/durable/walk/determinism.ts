import {
  EventType,
  type SubOrchestrationCreated,
  type TaskScheduled,
  type TimerCreated,
} from '../history-event.ts';
import type { Decision } from './decision.ts';
import { OrchestrationFailure } from './orchestration-failure.ts';

export type ScheduledEvent = TaskScheduled | SubOrchestrationCreated | TimerCreated;

const kinds = {
  [EventType.taskScheduled]: { kind: 'scheduleActivity', noun: 'an activity task' },
  [EventType.subOrchestrationCreated]: { kind: 'startSubOrchestration', noun: 'a sub-orchestration task' },
  [EventType.timerCreated]: { kind: 'createTimer', noun: 'a timer task' },
} as const;

const advice = 'Was a change made to the orchestrator code after this instance had already started running?';

/**
 * Checks that what an earlier episode scheduled is what this walk started under the same id: the same kind and, without
 * regard to case, the same name.
 * @throws OrchestrationFailure "Non-Deterministic workflow detected: …" when it is not.
 */
export function requireSameTask(event: ScheduledEvent, pending: Decision | undefined): void {
  const { kind, noun } = kinds[event.EventType];
  const name = 'Name' in event ? event.Name : undefined;
  const before =
    `A previous execution of this orchestration scheduled ${noun} with sequence ID ${event.EventId}` +
    (name === undefined ? '' : ` and name '${name}'`);
  if (!pending) nonDeterministic(`${before}, but the current replay execution hasn't (yet?) scheduled it.`);
  else if (pending.kind !== kind)
    nonDeterministic(`${before}, but the current replay instead produced a ${pending.kind} action with it.`);
  else if (name !== undefined && 'name' in pending && pending.name.toLowerCase() !== name.toLowerCase())
    nonDeterministic(`${before}, but the current replay instead scheduled '${pending.name}' with it.`);
}

function nonDeterministic(mismatch: string): never {
  const message = `Non-Deterministic workflow detected: ${mismatch} ${advice}`;
  throw new OrchestrationFailure(
    message,
    'Unhandled exception while executing orchestration: ' +
      `DurableTask.Core.Exceptions.NonDeterministicOrchestrationException: ${message}\n\t`,
  );
}
