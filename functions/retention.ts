import * as df from 'durable-functions';
import { troubleOf } from '../src/ports/trouble.ts';
import { timeOfTimer } from '../src/reconcile/time-of-timer.ts';
import { clearAway } from '../src/retention/clear-away.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';

df.app.client.timer('retention', {
  schedule: application.configuration.retention.schedule,
  handler: async (timer, client, context) => {
    const now = timeOfTimer(timer, application.ports.clock);
    for await (const { kind, result } of clearAway(now, application.retention(client))) {
      if ('count' in result) logRecord(context, 'info', { record: 'clearedAway', kind, ...result });
      else logRecord(context, 'warn', { record: 'clearedAway', kind, ...troubleOf(result.error) });
    }
  },
});
