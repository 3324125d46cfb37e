import { randomUUID } from 'node:crypto';
import { ServiceBusClient } from '@azure/service-bus';
import { setting } from './setting.ts';

const client = new ServiceBusClient(setting('SERVICE_BUS_EMULATOR_CONNECTION_STRING'));
const queue = 'token-requests';
await client.createSender(queue).sendMessages({
  messageId: randomUUID(),
  contentType: 'application/json',
  body: { greeting: 'hello from the official client' },
});
process.stdout.write(`Sent a message to ${queue}.\n`);

const receiver = client.createReceiver(queue);
const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5000 });
if (!message) throw new Error(`Nothing arrived in ${queue}; does another receiver run?`);
process.stdout.write(`Received ${String(message.messageId)}: ${JSON.stringify(message.body)}\n`);
await receiver.completeMessage(message);
await client.close();
