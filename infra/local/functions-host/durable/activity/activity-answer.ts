import { workerException } from '../episode/orchestrator-result.ts';
import type { ActivityInvocation, DurableInvocationFailure } from '../function-invoker.ts';
import { hideCredentials } from '../hide-credentials.ts';
import { EventType, eventHeader, type TaskCompleted, type TaskFailed } from '../history-event.ts';
import type { ActivityTask } from '../message.ts';

export type EndedActivity = ActivityInvocation | Exclude<DurableInvocationFailure, { kind: 'abandoned' }>;

/** The event by which an orchestration learns how its activity ended. */
export function activityAnswer(
  { taskId, name }: ActivityTask,
  invocation: EndedActivity,
  now: Date,
): TaskCompleted | TaskFailed {
  if (invocation.kind === 'returned') {
    const header = eventHeader(EventType.taskCompleted, now);
    return { ...header, TaskScheduledId: taskId, Result: resultText(invocation.value) };
  }
  const { message, details } = failureOf(invocation);
  return taskFailed(taskId, `Activity function '${name}' failed: ${message}`, details, now);
}

/** The answer for an activity that is no longer registered when it is to run. */
export function missingActivityAnswer({ taskId, name }: ActivityTask, now: Date): TaskFailed {
  const message = `Activity function '${name}' does not exist.`;
  const details = serializedException(exceptionTypes.functionFailed, message, null);
  return taskFailed(taskId, `Activity function '${name}' failed: ${message}`, details, now);
}

function taskFailed(taskId: number, reason: string, details: string, now: Date): TaskFailed {
  const header = eventHeader(EventType.taskFailed, now);
  return { ...header, TaskScheduledId: taskId, Reason: reason, Details: details };
}

/** JSON text of what an activity returned; bytes become base64, as .NET writes them. */
function resultText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  return JSON.stringify(value);
}

/**
 * A worker's error begins with a space, because the extension cuts it out of `Exception: …`: hence the two spaces in the
 * reason that orchestrators see.
 */
function failureOf(invocation: Exclude<EndedActivity, { kind: 'returned' }>): {
  message: string;
  details: string;
} {
  if (invocation.kind !== 'threw') {
    const { kind, message } = invocation;
    return { message, details: serializedException(exceptionTypes[kind], message, null) };
  }
  const message = ` ${hideCredentials(invocation.message)}`;
  const original = workerException(
    hideCredentials(invocation.message),
    hideCredentials(invocation.stack ?? ''),
  );
  const inner = exceptionFields(exceptionTypes.rpc, original, null);
  return { message, details: serializedException(exceptionTypes.plain, message, inner) };
}

const exceptionTypes = {
  plain: 'System.Exception, System.Private.CoreLib',
  rpc: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script.Grpc',
  workerExited:
    'Microsoft.Azure.WebJobs.Script.Workers.WorkerProcessExitException, Microsoft.Azure.WebJobs.Script',
  timedOut: 'Microsoft.Azure.WebJobs.Host.FunctionTimeoutException, Microsoft.Azure.WebJobs.Host',
  functionFailed:
    'Microsoft.Azure.WebJobs.Extensions.DurableTask.FunctionFailedException, Microsoft.Azure.WebJobs.Extensions.DurableTask',
};

function serializedException(type: string, message: string, inner: object | null): string {
  return JSON.stringify(exceptionFields(type, message, inner));
}

/** The fields that .NET writes of an exception. */
function exceptionFields(type: string, message: string, inner: object | null): object {
  return {
    $type: type,
    ClassName: type.slice(0, type.indexOf(',')),
    Message: message,
    Data: null,
    InnerException: inner,
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: -2146233088,
    Source: null,
    WatsonBuckets: null,
  };
}
