import { setTimeout as wait } from 'node:timers/promises';
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { TypedData } from '../typed-data.ts';
import { bodyBytes, bodyText } from './message-body.ts';
import {
  createReceiver,
  isAutoCompleted,
  logListenerProblem,
  type MessageListener,
  type MessageListenerOptions,
  sourceName,
} from './message-listener.ts';
import { batchMetadata } from './message-metadata.ts';

/** Pause after a batch could not be received. */
const errorPause = 1000;
/** How long one wait for messages takes; then the next begins. */
const longestWait = 60_000;

/**
 * Calls the function with batches, one batch at a time. A success completes all of its messages (unless told otherwise), a
 * failure abandons all. Locks of batches are not renewed.
 */
export function listenForBatches(options: MessageListenerOptions): MessageListener {
  const receiver = createReceiver(options);
  const stopping = new AbortController();
  const loop = receiveBatches(options, receiver, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await loop;
      await receiver.close();
    },
  };
}

async function receiveBatches(
  options: MessageListenerOptions,
  receiver: ServiceBusReceiver,
  signal: AbortSignal,
): Promise<void> {
  const { maxMessageBatchSize } = options.settings;
  while (!signal.aborted) {
    try {
      const waiting = { maxWaitTimeInMs: longestWait, abortSignal: signal };
      const messages = await receiver.receiveMessages(maxMessageBatchSize, waiting);
      if (messages.length > 0) await processBatch(options, receiver, messages);
    } catch (error) {
      if (signal.aborted) return;
      logListenerProblem(options, 'a batch could not be received', error);
      await wait(errorPause, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function processBatch(
  options: MessageListenerOptions,
  receiver: ServiceBusReceiver,
  messages: readonly ServiceBusReceivedMessage[],
): Promise<void> {
  const { definition, trigger, caller, keepEmptyEntries } = options;
  const end = await caller.call(definition, {
    input: batchInput(trigger.dataType, messages, keepEmptyEntries),
    metadata: batchMetadata(messages, keepEmptyEntries),
    trigger: `Service Bus ${sourceName(trigger.source)}, ${messages.length} messages`,
  });
  if (end.kind === 'returned' && !isAutoCompleted(options)) return;
  const hasSucceeded = end.kind === 'returned';
  await Promise.all(
    messages.map(async (message) => {
      try {
        await (hasSucceeded ? receiver.completeMessage(message) : receiver.abandonMessage(message));
      } catch (error) {
        logListenerProblem(options, 'a message could not be settled', error);
      }
    }),
  );
}

/** Like every array of texts on the real host, that of the bodies loses its empty entries. */
function batchInput(
  dataType: 'string' | 'binary',
  messages: readonly ServiceBusReceivedMessage[],
  keepEmptyEntries: boolean,
): TypedData {
  if (dataType === 'binary') return { collectionBytes: { bytes: messages.map(bodyBytes) } };
  const texts = messages.map(bodyText);
  return { collectionString: { string: keepEmptyEntries ? texts : texts.filter((text) => text !== '') } };
}
