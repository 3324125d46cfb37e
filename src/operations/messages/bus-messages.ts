import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { UsageError } from '../usage-error.ts';
import type { MessageCommand } from './command-line.ts';

type Place = Pick<MessageCommand, 'source' | 'deadLetters'>;

const batch = 50;
const mostLookedAt = 10_000;
/** Fetching ends when nothing more comes for so long, in milliseconds. */
const patience = 5_000;

export function openReceiver(client: ServiceBusClient, { source, deadLetters }: Place): ServiceBusReceiver {
  const [queue = '', subscription] = source.split('/');
  const options = {
    skipParsingBodyAsJson: true,
    ...(deadLetters ? { subQueueType: 'deadLetter' as const } : {}),
  };
  return subscription === undefined
    ? client.createReceiver(queue, options)
    : client.createReceiver(queue, subscription, options);
}

/** The oldest messages, which stay where they are. */
export async function* peekMessages(
  receiver: ServiceBusReceiver,
  limit: number,
): AsyncGenerator<ServiceBusReceivedMessage> {
  for (let left = limit; left > 0; ) {
    const page = await receiver.peekMessages(Math.min(left, batch));
    if (page.length === 0) return;
    yield* page;
    left -= page.length;
  }
}

/** One message, which stays where it is. @throws UsageError if it is not there */
export async function peekMessage(
  receiver: ServiceBusReceiver,
  sequence: string,
): Promise<ServiceBusReceivedMessage> {
  for await (const message of peekMessages(receiver, mostLookedAt))
    if (String(message.sequenceNumber) === sequence) return message;
  throw new UsageError(`There is no message ${sequence} there.`);
}

/**
 * Does something with one message while nobody else can fetch it, and removes it then. The messages before it are given
 * back, which counts as a delivery of theirs.
 *
 * @throws UsageError if it is not there, or somebody else has it
 */
export async function takeMessage(
  receiver: ServiceBusReceiver,
  sequence: string,
  act: (message: ServiceBusReceivedMessage) => Promise<void>,
): Promise<void> {
  const locked = new Set<ServiceBusReceivedMessage>();
  try {
    const message = await fetchMessage(receiver, sequence, locked);
    await act(message);
    await receiver.completeMessage(message);
    locked.delete(message);
  } finally {
    for (const message of locked) await receiver.abandonMessage(message).catch(() => undefined);
  }
}

async function fetchMessage(
  receiver: ServiceBusReceiver,
  sequence: string,
  locked: Set<ServiceBusReceivedMessage>,
): Promise<ServiceBusReceivedMessage> {
  for (;;) {
    const fetched = await receiver.receiveMessages(batch, { maxWaitTimeInMs: patience });
    for (const message of fetched) locked.add(message);
    const wanted = fetched.find(({ sequenceNumber }) => String(sequenceNumber) === sequence);
    if (wanted) return wanted;
    if (fetched.length === 0)
      throw new UsageError(`There is no message ${sequence} there, or somebody has it.`);
  }
}

/** The bytes of a message's body, whatever its sender made it of. */
export function bodyOf({ body }: Pick<ServiceBusReceivedMessage, 'body'>): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
