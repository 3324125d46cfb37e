import {
  completionStatus,
  EventType,
  type HistoryEvent,
  type SubOrchestrationCreated,
  type TaskScheduled,
} from '../history-event.ts';
import { jsonValue } from './status-document.ts';

export interface HistoryView {
  readonly showInput: boolean;
  readonly showOutput: boolean;
}

type Fields = Record<string, unknown>;

/** Events by the names of their types, as the HTTP API writes them. */
const typeNames: Record<number, string> = {
  [EventType.executionStarted]: 'ExecutionStarted',
  [EventType.executionCompleted]: 'ExecutionCompleted',
  [EventType.executionTerminated]: 'ExecutionTerminated',
  [EventType.taskScheduled]: 'TaskScheduled',
  [EventType.taskCompleted]: 'TaskCompleted',
  [EventType.taskFailed]: 'TaskFailed',
  [EventType.subOrchestrationCreated]: 'SubOrchestrationInstanceCreated',
  [EventType.subOrchestrationCompleted]: 'SubOrchestrationInstanceCompleted',
  [EventType.subOrchestrationFailed]: 'SubOrchestrationInstanceFailed',
  [EventType.timerCreated]: 'TimerCreated',
  [EventType.timerFired]: 'TimerFired',
  [EventType.eventRaised]: 'EventRaised',
  [EventType.executionSuspended]: 'ExecutionSuspended',
  [EventType.executionResumed]: 'ExecutionResumed',
};

/**
 * A history for people: a scheduled task and its end are one entry, the bookkeeping of episodes is left out, types have names.
 */
export function historyDocument(history: readonly HistoryEvent[], view: HistoryView): object[] {
  const scheduled = new Map<string, TaskScheduled | SubOrchestrationCreated>();
  const entries = new Map<HistoryEvent, Fields>();
  for (const event of history) {
    const fields = entryOf(event, view);
    if (!fields) continue;
    entries.set(event, fields);
    if (isScheduling(event)) scheduled.set(`${event.EventType} ${event.EventId}`, event);
    const start = startOf(event, scheduled);
    if (!start) continue;
    entries.delete(start);
    Object.assign(fields, { ScheduledTime: start.Timestamp, FunctionName: start.Name });
    if (view.showInput) fields.Input = start.Input;
  }
  return [...entries.values()];
}

function entryOf(event: HistoryEvent, { showInput, showOutput }: HistoryView): Fields | undefined {
  const name = typeNames[event.EventType];
  if (name === undefined) return undefined;
  const { EventId: _id, IsPlayed: _played, ...rest } = event;
  const fields: Fields = { ...rest, EventType: name };
  for (const hidden of hiddenFields(event)) delete fields[hidden];
  if (!showInput) delete fields.Input;
  if ('Result' in event) {
    if (showOutput) fields.Result = jsonValue(event.Result);
    else delete fields.Result;
  }
  if (event.EventType === EventType.executionStarted) fields.FunctionName = event.Name;
  if (event.EventType === EventType.executionCompleted)
    fields.OrchestrationStatus = statusName(event.OrchestrationStatus);
  return fields;
}

function hiddenFields(event: HistoryEvent): string[] {
  switch (event.EventType) {
    case EventType.executionStarted:
      return ['Name', 'OrchestrationInstance', 'ParentInstance', 'Version', 'Tags'];
    case EventType.taskScheduled:
    case EventType.subOrchestrationCreated:
      return ['Version'];
    case EventType.timerFired:
      return ['TimerId'];
    default:
      return ['TaskScheduledId'];
  }
}

function isScheduling(event: HistoryEvent): event is TaskScheduled | SubOrchestrationCreated {
  return event.EventType === EventType.taskScheduled || event.EventType === EventType.subOrchestrationCreated;
}

function startOf(
  event: HistoryEvent,
  scheduled: ReadonlyMap<string, TaskScheduled | SubOrchestrationCreated>,
): TaskScheduled | SubOrchestrationCreated | undefined {
  switch (event.EventType) {
    case EventType.taskCompleted:
    case EventType.taskFailed:
      return scheduled.get(`${EventType.taskScheduled} ${event.TaskScheduledId}`);
    case EventType.subOrchestrationCompleted:
    case EventType.subOrchestrationFailed:
      return scheduled.get(`${EventType.subOrchestrationCreated} ${event.TaskScheduledId}`);
    default:
      return undefined;
  }
}

function statusName(status: number): string {
  const found = Object.entries(completionStatus).find(([, number]) => number === status);
  return found?.[0] ?? String(status);
}
