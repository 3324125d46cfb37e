import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { readInboundMessage } from '../src/adapters/inbound-trigger-message.ts';
import { serviceBusConnectionName } from '../src/configuration/connections.ts';
import { takeReports } from '../src/registry-activity/take-reports.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';
import { logLookedAfter } from './looked-after.ts';

/** With `dataType: 'binary'`, since a JSON body as text would overwrite the broker's metadata. */
app.generic('registryActivity', {
  trigger: {
    type: 'serviceBusTrigger',
    name: 'message',
    queueName: application.configuration.messaging.registryActivityQueue,
    connection: serviceBusConnectionName,
    dataType: 'binary',
  },
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
