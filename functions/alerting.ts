import { app } from '@azure/functions';
import { lookAfterGroups } from '../src/alerting/look-after-groups.ts';
import type { HeartbeatRecord } from '../src/observability/watched-records.ts';
import { troubleOf } from '../src/ports/trouble.ts';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';

const { schedule, heartbeat } = application.configuration.alerting;

app.timer('alerting', {
  schedule,
  handler: async (timer, context) => {
    const now = timeOfTimer(timer, application.ports.clock);
    const ports = application.alerting((trouble) =>
      logRecord(context, 'warn', { record: 'trouble', ...trouble }),
    );
    for await (const { result, ...about } of lookAfterGroups(now, ports)) {
      if (typeof result === 'string') logRecord(context, 'info', { record: 'alertGroup', ...about, result });
      else
        logRecord(context, 'warn', {
          record: 'alertGroup',
          ...about,
          result: 'failed',
          ...troubleOf(result.error),
        });
    }
  },
});

app.timer('heartbeat', {
  schedule: heartbeat,
  handler: (timer, context) => {
    const time = timeOfTimer(timer, application.ports.clock);
    logRecord(context, 'info', { record: 'heartbeat', time } satisfies HeartbeatRecord & { time: string });
  },
});
