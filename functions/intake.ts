import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { readInboundMessage } from '../src/adapters/inbound-trigger-message.ts';
import { type Arrival, takeIn } from '../src/intake/take-in.ts';
import { application } from './application.ts';
import { logRecord } from './log-record.ts';
import { serviceBusTrigger } from './service-bus-trigger.ts';

for (const entrance of application.configuration.entrances.values()) {
  const { name, queue, urgentQueue } = entrance;
  registerIntake(`intake_${name}`, queue, { entrance, urgent: false });
  if (urgentQueue !== undefined)
    registerIntake(`intake_${name}_urgent`, urgentQueue, { entrance, urgent: true });
}

function registerIntake(functionName: string, queueName: string, arrival: Arrival): void {
  app.generic(functionName, {
    trigger: serviceBusTrigger({ queueName }),
    extraInputs: [df.input.durableClient()],
    handler: async (body: unknown, context) => {
      const message = readInboundMessage(body, context.triggerMetadata);
      const taken = await takeIn(message, arrival, application.intake(df.getClient(context)));
      const { name: entrance } = arrival.entrance;
      logRecord(context, taken.result === 'putOff' ? 'warn' : 'info', {
        record: 'messageTakenIn',
        entrance,
        messageId: message.messageId,
        ...taken,
      });
    },
  });
}
