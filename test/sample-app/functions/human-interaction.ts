import * as df from 'durable-functions';
import { leaveEffect } from '../journal.ts';

const threeDays = 72 * 3_600_000;

/** Human interaction: a manager has three days to decide; then it goes to the next level. */
df.app.orchestration('approveExpense', function* (context) {
  const { instanceId } = context.df;
  yield context.df.callActivity('askManager', { instanceId });
  const due = new Date(context.df.currentUtcDateTime.getTime() + threeDays);
  const timeout = context.df.createTimer(due);
  const decision = context.df.waitForExternalEvent('decision');
  const winner: df.Task = yield context.df.Task.any([decision, timeout]);
  if (winner === timeout) {
    yield context.df.callActivity('escalate', { instanceId });
    return { outcome: 'escalated' };
  }
  timeout.cancel();
  const { approved } = decision.result as { approved: boolean };
  yield context.df.callActivity(approved ? 'payExpense' : 'refuseExpense', { instanceId });
  return { outcome: approved ? 'paid' : 'refused' };
});

for (const name of ['askManager', 'payExpense', 'refuseExpense', 'escalate'])
  df.app.activity(name, {
    handler: ({ instanceId }: { instanceId: string }) => leaveEffect(instanceId, name),
  });
