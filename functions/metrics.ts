import { app } from '@azure/functions';
import { observeFleet } from '../src/observability/observe-fleet.ts';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';

const { configuration, ports } = application;

app.timer('metrics', {
  schedule: configuration.metrics.schedule,
  handler: async (timer, context) => {
    const now = timeOfTimer(timer, ports.clock);
    for await (const record of observeFleet(configuration.registries.keys(), ports.inventory, now))
      logRecord(context, 'info', { ...record });
  },
});
