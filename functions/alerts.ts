import { app } from '@azure/functions';
import { readInboundMessage } from '../src/adapters/inbound-trigger-message.ts';
import { takeInEvent } from '../src/alerting/take-in-event.ts';
import { alertsSubscription, serviceBusConnectionName } from '../src/configuration/connections.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';

app.generic('alerts', {
  trigger: {
    type: 'serviceBusTrigger',
    name: 'message',
    topicName: application.configuration.messaging.eventsTopic,
    subscriptionName: alertsSubscription,
    connection: serviceBusConnectionName,
    dataType: 'binary',
  },
  handler: async (body: unknown, context) => {
    const message = readInboundMessage(body, context.triggerMetadata);
    const report = (trouble: object) => logRecord(context, 'warn', { record: 'trouble', ...trouble });
    const taken = await takeInEvent(message, application.alerting(report));
    const level = taken.result === 'putOff' || taken.result === 'setAside' ? 'warn' : 'info';
    logRecord(context, level, { record: 'eventTakenIn', messageId: message.messageId, ...taken });
  },
});
