import { app } from '@azure/functions';
import { readInboundMessage } from '../src/adapters/inbound-trigger-message.ts';
import { deliverAlert } from '../src/alerting/deliver-alert.ts';
import { deliveryContentType } from '../src/alerting/delivery-message.ts';
import { alertRecord } from '../src/alerting/formats/alert-record.ts';
import { takeInEvent } from '../src/alerting/take-in-event.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';
import { serviceBusTrigger } from './service-bus-trigger.ts';

/** Only Keyturn may send to the queue: notifications for sinks, and copies of events that were put off. */
app.generic('alert_deliveries', {
  trigger: serviceBusTrigger({ queueName: application.configuration.messaging.alertDeliveriesQueue }),
  handler: async (body: unknown, context) => {
    const message = readInboundMessage(body, context.triggerMetadata);
    const { messageId } = message;
    const ports = application.alerting((trouble) =>
      logRecord(context, 'warn', { record: 'trouble', ...trouble }),
    );
    if (message.contentType !== deliveryContentType) {
      const taken = await takeInEvent(message, ports);
      logRecord(context, 'info', { record: 'eventTakenIn', messageId, ...taken });
      return;
    }
    const delivered = await deliverAlert(message, ports);
    if (delivered.result === 'logged')
      logRecord(context, delivered.alert.kind === 'resolved' ? 'info' : 'warn', alertRecord(delivered.alert));
    else
      logRecord(context, delivered.result === 'delivered' ? 'info' : 'warn', {
        record: 'alertDelivery',
        messageId,
        ...delivered,
      });
  },
});
