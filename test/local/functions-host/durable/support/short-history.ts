import {
  EventType,
  eventHeader,
  type HistoryEvent,
} from '../../../../../infra/local/functions-host/durable/history-event.ts';
import type { Decision } from '../../../../../infra/local/functions-host/durable/walk/decision.ts';

/**
 * A history written in short: `12@5` is an episode that begins at second 5, `4[0]A` schedules activity A as task 0, `5→0` and
 * `6→0` end it, `7[1]C` / `8→1` / `9→1` are a child, `10[2]` / `11→2` a timer, `15go` an event, `3`, `19`, `20` terminate,
 * suspend and resume.
 */
export function shortHistory(text: string): HistoryEvent[] {
  let now = new Date(0);
  return text.split(' ').map((word) => {
    const [, type = '', id, name = '', , ended, second] =
      /^(\d+)(?:\[(\d+)\])?([a-z]*)(→(\d+))?(?:@(\d+))?$/i.exec(word) ?? [];
    if (second !== undefined) now = new Date(Number(second) * 1000);
    return event(Number(type), Number(id ?? -1), name, Number(ended ?? -1), now);
  });
}

function event(type: number, id: number, name: string, ended: number, now: Date): HistoryEvent {
  switch (type) {
    case EventType.executionStarted:
      return {
        ...eventHeader(EventType.executionStarted, now),
        Name: 'main',
        Version: '',
        Input: null,
        OrchestrationInstance: { InstanceId: 'i1', ExecutionId: 'e1' },
        ParentInstance: null,
        Tags: null,
      };
    case EventType.executionTerminated:
      return { ...eventHeader(EventType.executionTerminated, now), Input: 'stop' };
    case EventType.taskScheduled:
      return { ...eventHeader(EventType.taskScheduled, now, id), Name: name, Version: '', Input: null };
    case EventType.taskCompleted:
      return { ...eventHeader(EventType.taskCompleted, now), TaskScheduledId: ended, Result: 'null' };
    case EventType.taskFailed:
      return { ...eventHeader(EventType.taskFailed, now), TaskScheduledId: ended, Reason: 'r', Details: 'd' };
    case EventType.subOrchestrationCreated:
      return {
        ...eventHeader(EventType.subOrchestrationCreated, now, id),
        Name: name,
        Version: '',
        InstanceId: 'c',
        Input: null,
      };
    case EventType.subOrchestrationCompleted:
      return {
        ...eventHeader(EventType.subOrchestrationCompleted, now),
        TaskScheduledId: ended,
        Result: null,
      };
    case EventType.subOrchestrationFailed:
      return {
        ...eventHeader(EventType.subOrchestrationFailed, now),
        TaskScheduledId: ended,
        Reason: 'r',
        Details: null,
      };
    case EventType.timerCreated:
      return { ...eventHeader(EventType.timerCreated, now, id), FireAt: now.toISOString() };
    case EventType.timerFired:
      return { ...eventHeader(EventType.timerFired, now), TimerId: ended, FireAt: now.toISOString() };
    case EventType.orchestratorStarted:
      return eventHeader(EventType.orchestratorStarted, now);
    case EventType.orchestratorCompleted:
      return eventHeader(EventType.orchestratorCompleted, now);
    case EventType.eventRaised:
      return { ...eventHeader(EventType.eventRaised, now), Name: name, Input: 'null' };
    case EventType.executionSuspended:
      return { ...eventHeader(EventType.executionSuspended, now), Reason: null };
    case EventType.executionResumed:
      return { ...eventHeader(EventType.executionResumed, now), Reason: null };
    default:
      throw new Error(`No short form for event type ${type}`);
  }
}

/** Decisions written in short: `4[0]A`, `7[1]C`, `10[2]@6` (due at second 6), and how the generation ends. */
export function shortDecisions(decisions: readonly Decision[]): string {
  return decisions.map(shortDecision).join(' ');
}

function shortDecision(decision: Decision): string {
  switch (decision.kind) {
    case 'scheduleActivity':
      return `4[${decision.id}]${decision.name}`;
    case 'startSubOrchestration':
      return `7[${decision.id}]${decision.name}`;
    case 'createTimer':
      return `10[${decision.id}]@${decision.fireAt.getTime() / 1000}`;
    case 'complete':
      return decision.status;
    case 'continueAsNew':
      return `ContinueAsNew+${decision.carriedEvents.length}`;
  }
}
