import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { bodyOf } from './bus-messages.ts';

/**
 * One line about a message: its number, when it came, what it is, and why it is here. Of what a sender wrote only a
 * little is shown, without control characters.
 */
export function messageLine(message: ServiceBusReceivedMessage): string {
  const { sequenceNumber, enqueuedTimeUtc, applicationProperties = {} } = message;
  const reason = applicationProperties.rejectionReason ?? message.deadLetterReason ?? '-';
  const description = applicationProperties.rejectionDescription ?? message.deadLetterErrorDescription ?? '';
  const columns = [
    String(sequenceNumber).padStart(6),
    enqueuedTimeUtc?.toISOString() ?? '-',
    kindOf(message).padEnd(40),
    shown(reason, 30),
    shown(description, 200),
  ];
  return columns.join('  ').trimEnd();
}

function kindOf(message: ServiceBusReceivedMessage): string {
  const { type, subject } = eventOf(message);
  return shown(`${shown(type ?? '-', 60)} ${shown(subject ?? message.subject ?? '', 60)}`, 100);
}

/** The message as a CloudEvent, as far as it is one. */
export function eventOf(message: Pick<ServiceBusReceivedMessage, 'body'>): Readonly<Record<string, unknown>> {
  try {
    const event: unknown = JSON.parse(Buffer.from(bodyOf(message)).toString());
    return typeof event === 'object' && event !== null && !Array.isArray(event) ? { ...event } : {};
  } catch {
    return {};
  }
}

function shown(value: unknown, longest: number): string {
  return String(value).replaceAll(/\p{C}/gu, '�').slice(0, longest);
}
