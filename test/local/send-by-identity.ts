import { ManagedIdentityCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';

const { ServiceBus__fullyQualifiedNamespace: namespace = '', ServiceBus__clientId: clientId = '' } =
  process.env;
const client = new ServiceBusClient(namespace, new ManagedIdentityCredential({ clientId }));
await client.createSender('token-requests').sendMessages({ body: 'by identity' });
const receiver = client.createReceiver('token-requests', { receiveMode: 'receiveAndDelete' });
const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
await client.close();
process.stdout.write(String(message?.body));
