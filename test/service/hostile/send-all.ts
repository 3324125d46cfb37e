import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';

/** Sends messages to their queues, in their order, as many in a batch as fit. @throws Error if one is too large */
export async function sendAll(
  connectionString: string,
  messages: readonly { readonly queue: string; readonly message: ServiceBusMessage }[],
): Promise<void> {
  const client = new ServiceBusClient(connectionString);
  try {
    for (const [queue, ofQueue] of Map.groupBy(messages, (each) => each.queue)) {
      const sender = client.createSender(queue);
      let batch = await sender.createMessageBatch();
      for (const { message } of ofQueue) {
        if (batch.tryAddMessage(message)) continue;
        if (batch.count > 0) await sender.sendMessages(batch);
        batch = await sender.createMessageBatch();
        if (!batch.tryAddMessage(message)) await sender.sendMessages(message);
      }
      if (batch.count > 0) await sender.sendMessages(batch);
    }
  } finally {
    await client.close();
  }
}

/** Takes so many messages out of a queue, with their bodies as the bytes that they are. @throws Error if fewer come */
export async function takeAll(
  connectionString: string,
  queue: string,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const client = new ServiceBusClient(connectionString);
  try {
    const receiver = client.createReceiver(queue, {
      receiveMode: 'receiveAndDelete',
      skipParsingBodyAsJson: true,
    });
    const taken: ServiceBusReceivedMessage[] = [];
    while (taken.length < count) {
      const some = await receiver.receiveMessages(Math.min(count - taken.length, 500), {
        maxWaitTimeInMs: 10_000,
      });
      if (some.length === 0) throw new Error(`Only ${taken.length} of ${count} messages are in ${queue}.`);
      taken.push(...some);
    }
    return taken;
  } finally {
    await client.close();
  }
}
