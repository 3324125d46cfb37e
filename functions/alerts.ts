import { app } from '@azure/functions';
import { readInboundMessage } from '../src/adapters/inbound-trigger-message.ts';
import { takeInEvent } from '../src/alerting/take-in-event.ts';
import { alertsSubscription } from '../src/configuration/connections.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';
import { serviceBusTrigger } from './service-bus-trigger.ts';

app.generic('alerts', {
  trigger: serviceBusTrigger({
    topicName: application.configuration.messaging.eventsTopic,
    subscriptionName: alertsSubscription,
  }),
  handler: async (body: unknown, context) => {
    const message = readInboundMessage(body, context.triggerMetadata);
    const report = (trouble: object) => logRecord(context, 'warn', { record: 'trouble', ...trouble });
    const taken = await takeInEvent(message, application.alerting(report));
    const level = taken.result === 'putOff' || taken.result === 'setAside' ? 'warn' : 'info';
    logRecord(context, level, { record: 'eventTakenIn', messageId: message.messageId, ...taken });
  },
});
