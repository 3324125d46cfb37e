import * as df from 'durable-functions';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { runRotationSchedules } from '../src/rotation-schedules/run-rotation-schedules.ts';
import { application } from './application.ts';
import { logResult } from './log-record.ts';

const { configuration, ports } = application;

if (configuration.rotationSchedules.size > 0) {
  df.app.client.timer('rotationSchedules', {
    schedule: configuration.rotation.schedule,
    handler: async (timer, client, context) => {
      const now = timeOfTimer(timer, ports.clock);
      for await (const run of runRotationSchedules(now, application.rotationSchedules(client)))
        logResult(context, 'rotationSchedule', { ...run });
    },
  });
}
