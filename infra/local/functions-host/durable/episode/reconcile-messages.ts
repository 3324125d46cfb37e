import { EventType, type ExecutionStarted, type HistoryEvent } from '../history-event.ts';
import { type InstanceRecord, isFinished } from '../instance-record.ts';
import type { StoredMessage } from '../message.ts';

/** What of an inbox makes an episode. */
export interface ReconciledMessages {
  /** Present when a message starts the instance; it is then the first of `events`. */
  readonly started: ExecutionStarted | undefined;
  /** The messages' events in the order of arrival; none when all of them are dropped. */
  readonly events: readonly HistoryEvent[];
}

/**
 * Takes from an inbox what the instance can use and drops the rest: starts of an instance that runs already, answers to an
 * earlier execution, and everything for an instance that never started, was purged or has finished.
 */
export function reconcileMessages(
  instance: InstanceRecord | undefined,
  messages: readonly StoredMessage[],
): ReconciledMessages {
  let started: ExecutionStarted | undefined;
  let executionId = runningExecution(instance);
  const events: HistoryEvent[] = [];
  for (const { executionId: meantFor, event } of messages) {
    if (event.EventType === EventType.executionStarted) {
      if (executionId !== undefined || !mayStart(instance, event)) continue;
      started = event;
      executionId = event.OrchestrationInstance.ExecutionId;
      events.push(event);
    } else if (executionId !== undefined && (meantFor === undefined || meantFor === executionId)) {
      events.push(event);
    }
  }
  return { started, events };
}

function runningExecution(instance: InstanceRecord | undefined): string | undefined {
  if (!instance || instance.status === 'Pending' || isFinished(instance.status)) return undefined;
  return instance.executionId;
}

/**
 * A start from outside counts only for the pending instance that was written with it, which may have been purged or replaced
 * since. A parent's start counts whenever nothing runs under that id.
 */
function mayStart(instance: InstanceRecord | undefined, event: ExecutionStarted): boolean {
  if (event.ParentInstance !== null) return true;
  return instance?.executionId === event.OrchestrationInstance.ExecutionId && instance.status === 'Pending';
}
