import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { TypedData } from '../typed-data.ts';
import { withBodyProperties } from './body-metadata.ts';
import { ConcurrencyGate } from './concurrency-gate.ts';
import { renewLock } from './lock-renewal.ts';
import { bodyBytes, bodyText } from './message-body.ts';
import {
  createReceiver,
  isAutoCompleted,
  logListenerProblem,
  type MessageListener,
  type MessageListenerOptions,
  sourceName,
} from './message-listener.ts';
import { singleMetadata } from './message-metadata.ts';

/**
 * Calls the function once for each message, several at a time. A success completes the message (unless told otherwise), a
 * failure abandons it at once whatever was told; locks are renewed meanwhile.
 */
export function listenForMessages(options: MessageListenerOptions): MessageListener {
  const { maxConcurrentCalls, prefetchCount } = options.settings;
  const receiver = createReceiver(options);
  const gate = new ConcurrencyGate(maxConcurrentCalls);
  const running = new Set<Promise<void>>();
  const process = async (message: ServiceBusReceivedMessage) => {
    const done = processMessage(options, receiver, gate, message);
    running.add(done);
    await done;
    running.delete(done);
  };
  const subscription = receiver.subscribe(
    {
      processMessage: process,
      processError: async ({ error, errorSource }) => logListenerProblem(options, errorSource, error),
    },
    { autoCompleteMessages: false, maxConcurrentCalls: maxConcurrentCalls + prefetchCount },
  );
  return {
    async stop() {
      gate.close();
      await subscription.close();
      await Promise.all(running);
      await receiver.close();
    },
  };
}

/** Never rejects: what goes wrong with settling is told in the log, and the broker delivers the message again. */
async function processMessage(
  options: MessageListenerOptions,
  receiver: ServiceBusReceiver,
  gate: ConcurrencyGate,
  message: ServiceBusReceivedMessage,
): Promise<void> {
  if (!(await gate.enter())) return settle(options, 'abandon', () => receiver.abandonMessage(message));
  const stopRenewal = renewLock(receiver, message, options.settings.maxAutoLockRenewalDuration, (error) =>
    logListenerProblem(options, 'the lock of a message could not be renewed', error),
  );
  const hasSucceeded = await callFunction(options, message);
  stopRenewal();
  if (!hasSucceeded) await settle(options, 'abandon', () => receiver.abandonMessage(message));
  else if (isAutoCompleted(options))
    await settle(options, 'complete', () => receiver.completeMessage(message));
  gate.leave();
}

async function callFunction(
  options: MessageListenerOptions,
  message: ServiceBusReceivedMessage,
): Promise<boolean> {
  const { definition, trigger, caller } = options;
  const delivery = (message.deliveryCount ?? 0) + 1;
  const end = await caller.call(definition, {
    ...singleMessageCall(trigger.dataType, message),
    trigger: `Service Bus ${sourceName(trigger.source)}, message ${message.messageId ?? 'without id'}, delivery ${delivery}`,
  });
  return end.kind === 'returned';
}

function singleMessageCall(
  dataType: 'string' | 'binary',
  message: ServiceBusReceivedMessage,
): { input: TypedData; metadata: Record<string, TypedData> } {
  const metadata = singleMetadata(message);
  if (dataType === 'binary') return { input: { bytes: bodyBytes(message) }, metadata };
  const text = bodyText(message);
  return { input: { string: text }, metadata: withBodyProperties(metadata, text) };
}

async function settle(options: MessageListenerOptions, how: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    logListenerProblem(options, `a message could not be settled (${how})`, error);
  }
}
