import * as df from 'durable-functions';
import type { LifecycleActivities } from '../src/lifecycle/activity-calls.ts';
import { lifecycleName, tokenLifecycle } from '../src/lifecycle/orchestrator.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';

df.app.orchestration(lifecycleName, tokenLifecycle);
registerActivity('plan');
registerActivity('step');
registerActivity('settle');

/** The names never change: an orchestration that calls a name that nobody registered hangs for ever. */
function registerActivity<Name extends keyof LifecycleActivities>(name: Name): void {
  df.app.activity(name, {
    handler: (input: LifecycleActivities[Name]['input'], context) => {
      const activities = application.activities(
        (trouble) => logRecord(context, 'warn', { record: 'trouble', ...trouble }),
        (settled) => logRecord(context, 'info', { ...settled }),
      );
      return activities[name](input);
    },
  });
}
