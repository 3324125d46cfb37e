import * as df from 'durable-functions';
import { compareRegistries } from '../src/reconcile/compare-registries.ts';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { application } from './application.ts';
import { logLookedAfter } from './looked-after.ts';

df.app.client.timer('reconcileRegistries', {
  schedule: application.configuration.reconcile.registriesSchedule,
  handler: async (timer, client, context) => {
    const now = timeOfTimer(timer, application.ports.clock);
    for await (const looked of compareRegistries(now, application.watch(client)))
      logLookedAfter(context, looked);
  },
});
