import { app } from '@azure/functions';
import { countFleet } from '../src/observability/count-fleet.ts';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';

const { configuration, ports } = application;

app.timer('metrics', {
  schedule: configuration.metrics.schedule,
  handler: async (timer, context) => {
    const now = timeOfTimer(timer, ports.clock);
    for (const record of await countFleet(configuration.registries.keys(), ports.inventory, now))
      logRecord(context, 'info', { ...record });
  },
});
