import { randomUUID } from 'node:crypto';
import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Instant } from '../../contracts/instants.ts';
import { parseCommand } from '../../contracts/parse-command.ts';
import { UsageError } from '../usage-error.ts';
import { bodyOf } from './bus-messages.ts';
import { eventOf } from './message-line.ts';

/** What Keyturn or the broker has added to a message, beside what its sender set. */
const added =
  /^(rejection(Reason|Description)|keyturn[A-Z]\w*|DeadLetter(Reason|ErrorDescription)|propertiesLeftOut|bodyCutOff)$/;

export interface Resending {
  /** In the place of the message's own. */
  readonly body: Uint8Array | undefined;
  /** With its own ids, and without a look at what it is. */
  readonly unchanged: boolean;
  readonly now: Instant;
}

/**
 * A message as it is sent again: a command under a new id and with the present time.
 *
 * @throws UsageError if it is no command that would be taken in
 */
export function resentMessage(
  message: ServiceBusReceivedMessage,
  { body = bodyOf(message), unchanged, now }: Resending,
): ServiceBusMessage {
  const { contentType, subject, correlationId, applicationProperties = {} } = message;
  const kept = Object.entries(applicationProperties).filter(([name]) => !added.test(name));
  const sent = unchanged ? body : renewed(body, now);
  return {
    body: Buffer.from(sent),
    messageId: unchanged ? (message.messageId ?? randomUUID()) : randomUUID(),
    ...(contentType === undefined ? {} : { contentType }),
    ...(subject === undefined ? {} : { subject }),
    ...(correlationId === undefined ? {} : { correlationId }),
    applicationProperties: Object.fromEntries(kept),
  };
}

function renewed(body: Uint8Array, time: Instant): Uint8Array {
  const event = { ...eventOf({ body }), id: randomUUID(), time };
  const bytes = Buffer.from(JSON.stringify(event));
  const parsed = parseCommand(bytes);
  if (parsed.ok) return bytes;
  throw new UsageError(
    `It would be set aside again: ${parsed.rejection.description}. Mend it (--body), or send it --unchanged if it is no command.`,
  );
}
