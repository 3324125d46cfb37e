import { completionStatus, EventType, type ExecutionStarted, type HistoryEvent } from '../history-event.ts';
import type { InstanceRecord, RuntimeStatus } from '../instance-record.ts';

/**
 * The instance's record after an episode, folded from the events that the episode added. A custom status that the generation
 * no longer sets is gone: Azure Storage is told "null" then.
 */
export function instanceAfter(
  before: InstanceRecord | undefined,
  started: ExecutionStarted,
  added: readonly HistoryEvent[],
  customStatus: string | null,
  now: Date,
): InstanceRecord {
  let record: InstanceRecord = {
    id: started.OrchestrationInstance.InstanceId,
    executionId: started.OrchestrationInstance.ExecutionId,
    name: started.Name,
    version: started.Version,
    status: before?.status ?? 'Running',
    input: started.Input,
    output: before?.output ?? null,
    customStatus,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
  for (const event of added) record = { ...record, ...changeBy(event) };
  return record;
}

function changeBy(event: HistoryEvent): Partial<InstanceRecord> | undefined {
  switch (event.EventType) {
    case EventType.executionStarted:
      return { status: 'Running', output: null, createdAt: new Date(event.Timestamp) };
    case EventType.executionCompleted:
      return { status: completedStatus(event.OrchestrationStatus), output: event.Result };
    case EventType.executionTerminated:
      return { status: 'Terminated', output: event.Input };
    case EventType.executionSuspended:
      return { status: 'Suspended', output: event.Reason };
    case EventType.executionResumed:
      return { status: 'Running', output: event.Reason };
    default:
      return undefined;
  }
}

function completedStatus(status: number): RuntimeStatus {
  const names = Object.keys(completionStatus) as (keyof typeof completionStatus)[];
  return names.find((name) => completionStatus[name] === status) ?? 'Completed';
}
