import type { Clock } from '../../../clock.ts';
import { activityAnswer, missingActivityAnswer } from '../activity/activity-answer.ts';
import { activityInput } from '../activity/activity-input.ts';
import type { FunctionInvoker } from '../function-invoker.ts';
import type { TaskCompleted, TaskFailed } from '../history-event.ts';
import type { ActivityWorkItem } from '../store/activity-table.ts';
import type { TaskHub } from '../store/task-hub.ts';
import type { WorkSource } from './work-dispatcher.ts';

/** Activities: each at least once, and twice at the same time when its first worker was taken for dead. */
export function activitySource(
  hub: TaskHub,
  invoker: FunctionInvoker,
  clock: Clock,
): WorkSource<ActivityWorkItem> {
  return {
    claim: (limit) => hub.claimActivities(limit),
    giveBack: (item, delay) => hub.giveBack(item, delay),
    async run(item) {
      const answer = await runActivity(item, invoker, clock);
      if (answer === 'abandoned') return 'again';
      const { instanceId, executionId } = item;
      hub.completeActivity(item, { instanceId, executionId, due: clock.now(), event: answer });
      return 'done';
    },
  };
}

async function runActivity(
  item: ActivityWorkItem,
  invoker: FunctionInvoker,
  clock: Clock,
): Promise<TaskCompleted | TaskFailed | 'abandoned'> {
  const name = invoker.registeredName('activity', item.name);
  if (name === undefined) return missingActivityAnswer(item, clock.now());
  const call = { instanceId: item.instanceId, taskId: item.taskId };
  const invocation = await invoker.invokeActivity(name, activityInput(item.input), call);
  return invocation.kind === 'abandoned' ? 'abandoned' : activityAnswer(item, invocation, clock.now());
}
