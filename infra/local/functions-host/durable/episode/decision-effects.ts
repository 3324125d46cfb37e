import { randomUUID } from 'node:crypto';
import {
  completionStatus,
  EventType,
  type ExecutionStarted,
  eventHeader,
  type HistoryEvent,
} from '../history-event.ts';
import type { ActivityTask, Message } from '../message.ts';
import type {
  CompleteOrchestration,
  ContinueAsNew,
  CreateTimer,
  Decision,
  ScheduleActivity,
  StartSubOrchestration,
} from '../walk/decision.ts';

/** What a generation's decisions add to history and send away. */
export interface DecisionEffects {
  readonly events: HistoryEvent[];
  readonly messages: Message[];
  readonly activities: ActivityTask[];
  /** The last decision, when it begins a new generation. */
  continueAsNew: ContinueAsNew | undefined;
}

/** A new execution id, in the framework's form. */
export function newExecutionId(): string {
  return randomUUID().replaceAll('-', '');
}

/** Turns decisions into scheduled events and messages, in the order of their ids. */
export function decisionEffects(
  started: ExecutionStarted,
  decisions: readonly Decision[],
  now: Date,
): DecisionEffects {
  const effects: DecisionEffects = { events: [], messages: [], activities: [], continueAsNew: undefined };
  for (const decision of decisions) {
    effects.continueAsNew = undefined;
    switch (decision.kind) {
      case 'scheduleActivity':
        scheduleActivity(effects, started, decision, now);
        break;
      case 'createTimer':
        createTimer(effects, started, decision, now);
        break;
      case 'startSubOrchestration':
        startSubOrchestration(effects, started, decision, now);
        break;
      case 'complete':
        complete(effects, started, decision, now);
        break;
      case 'continueAsNew':
        effects.continueAsNew = decision;
        break;
    }
  }
  return effects;
}

function scheduleActivity(
  { events, activities }: DecisionEffects,
  { OrchestrationInstance }: ExecutionStarted,
  { id, name, input }: ScheduleActivity,
  now: Date,
): void {
  const { InstanceId: instanceId, ExecutionId: executionId } = OrchestrationInstance;
  events.push({ ...eventHeader(EventType.taskScheduled, now, id), Name: name, Version: '', Input: null });
  activities.push({ instanceId, executionId, taskId: id, name, input });
}

function createTimer(
  { events, messages }: DecisionEffects,
  { OrchestrationInstance }: ExecutionStarted,
  { id, fireAt }: CreateTimer,
  now: Date,
): void {
  const FireAt = fireAt.toISOString();
  events.push({ ...eventHeader(EventType.timerCreated, now, id), FireAt });
  messages.push({
    instanceId: OrchestrationInstance.InstanceId,
    executionId: OrchestrationInstance.ExecutionId,
    due: fireAt,
    event: { ...eventHeader(EventType.timerFired, now), TimerId: id, FireAt },
  });
}

function startSubOrchestration(
  { events, messages }: DecisionEffects,
  parent: ExecutionStarted,
  { id, name, instanceId, input }: StartSubOrchestration,
  now: Date,
): void {
  const executionId = newExecutionId();
  events.push({
    ...eventHeader(EventType.subOrchestrationCreated, now, id),
    Name: name,
    Version: '',
    InstanceId: instanceId,
    Input: null,
  });
  messages.push({
    instanceId,
    executionId,
    due: now,
    event: {
      ...eventHeader(EventType.executionStarted, now),
      Name: name,
      Version: '',
      Input: input,
      OrchestrationInstance: { InstanceId: instanceId, ExecutionId: executionId },
      ParentInstance: {
        Name: parent.Name,
        OrchestrationInstance: parent.OrchestrationInstance,
        TaskScheduleId: id,
        Version: parent.Version,
      },
      Tags: null,
    },
  });
}

function complete(
  { events, messages }: DecisionEffects,
  { ParentInstance: parent }: ExecutionStarted,
  { id, status, result, details }: CompleteOrchestration,
  now: Date,
): void {
  events.push({
    ...eventHeader(EventType.executionCompleted, now, id),
    OrchestrationStatus: completionStatus[status],
    Result: result,
  });
  if (!parent) return;
  const { InstanceId: instanceId, ExecutionId: executionId } = parent.OrchestrationInstance;
  const answer = { TaskScheduledId: parent.TaskScheduleId };
  const event: HistoryEvent =
    status === 'Completed'
      ? { ...eventHeader(EventType.subOrchestrationCompleted, now), ...answer, Result: result }
      : {
          ...eventHeader(EventType.subOrchestrationFailed, now),
          ...answer,
          Reason: result,
          Details: details,
        };
  messages.push({ instanceId, executionId, due: now, event });
}
