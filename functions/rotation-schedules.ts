import * as df from 'durable-functions';
import { troubleOf } from '../src/ports/trouble.ts';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { runRotationSchedules } from '../src/rotation-schedules/run-rotation-schedules.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';

const { configuration, ports } = application;

if (configuration.rotationSchedules.size > 0) {
  df.app.client.timer('rotationSchedules', {
    schedule: configuration.rotation.schedule,
    handler: async (timer, client, context) => {
      const now = timeOfTimer(timer, ports.clock);
      for await (const report of runRotationSchedules(now, application.rotationSchedules(client))) {
        const { result, ...about } = report;
        if (typeof result === 'string')
          logRecord(context, 'info', { record: 'rotationSchedule', ...about, result });
        else
          logRecord(context, 'warn', {
            record: 'rotationSchedule',
            ...about,
            result: 'failed',
            ...troubleOf(result.error),
          });
      }
    },
  });
}
