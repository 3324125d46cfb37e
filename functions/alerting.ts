import { app } from '@azure/functions';
import { lookAfterGroups } from '../src/alerting/look-after-groups.ts';
import type { HeartbeatRecord } from '../src/observability/watched-records.ts';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { application } from './application.ts';
import { logRecord, logResult } from './log-record.ts';

const { schedule, heartbeat } = application.configuration.alerting;

app.timer('alerting', {
  schedule,
  handler: async (timer, context) => {
    const now = timeOfTimer(timer, application.ports.clock);
    const ports = application.alerting((trouble) =>
      logRecord(context, 'warn', { record: 'trouble', ...trouble }),
    );
    for await (const group of lookAfterGroups(now, ports)) logResult(context, 'alertGroup', { ...group });
  },
});

app.timer('heartbeat', {
  schedule: heartbeat,
  handler: (timer, context) => {
    const time = timeOfTimer(timer, application.ports.clock);
    logRecord(context, 'info', { record: 'heartbeat', time } satisfies HeartbeatRecord & { time: string });
  },
});
