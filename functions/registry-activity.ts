import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { readInboundMessage } from '../src/adapters/inbound-trigger-message.ts';
import { takeReports } from '../src/registry-activity/take-reports.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';
import { logLookedAfter } from './looked-after.ts';
import { serviceBusTrigger } from './service-bus-trigger.ts';

app.generic('registryActivity', {
  trigger: serviceBusTrigger({ queueName: application.configuration.messaging.registryActivityQueue }),
  extraInputs: [df.input.durableClient()],
  handler: async (body: unknown, context) => {
    const message = readInboundMessage(body, context.triggerMetadata);
    const taken = await takeReports(message, application.watch(df.getClient(context)));
    logRecord(context, taken.result === 'putOff' ? 'warn' : 'info', {
      record: 'reportsTaken',
      messageId: message.messageId,
      ...taken,
    });
    if (taken.result !== 'taken') return;
    for (const { compared } of taken.handled)
      for (const each of compared) logLookedAfter(context, { result: 'compared', ...each });
  },
});
