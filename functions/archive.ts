import { app } from '@azure/functions';
import { readInboundMessage } from '../src/adapters/inbound-trigger-message.ts';
import { archiveEvent } from '../src/archive/archive-event.ts';
import { archiveSubscription } from '../src/configuration/connections.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';
import { serviceBusTrigger } from './service-bus-trigger.ts';

if (application.archive) {
  const ports = application.archive;
  app.generic('archive', {
    trigger: serviceBusTrigger({
      topicName: application.configuration.messaging.eventsTopic,
      subscriptionName: archiveSubscription,
    }),
    handler: async (body: unknown, context) => {
      const message = readInboundMessage(body, context.triggerMetadata);
      const archived = await archiveEvent(message.body, ports);
      logRecord(context, 'info', { record: 'eventArchived', messageId: message.messageId, ...archived });
    },
  });
}
