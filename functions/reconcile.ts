import * as df from 'durable-functions';
import { goOnWatching } from '../src/reconcile/compare-registries.ts';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { wakeLateLifecycles } from '../src/reconcile/wake-late-lifecycles.ts';
import { application } from './application.ts';
import { logResult } from './log-record.ts';
import { logLookedAfter } from './looked-after.ts';

df.app.client.timer('reconcile', {
  schedule: application.configuration.reconcile.schedule,
  handler: async (timer, client, context) => {
    const now = timeOfTimer(timer, application.ports.clock);
    for await (const late of wakeLateLifecycles(now, application.reconcile(client)))
      logResult(context, 'lateLifecycle', { ...late });
    for await (const looked of goOnWatching(application.watch(client))) logLookedAfter(context, looked);
  },
});
