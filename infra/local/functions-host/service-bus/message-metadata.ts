import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { type TypedData, toMetadataTypedData } from '../typed-data.ts';

/** What the metadata holds of one message; null where the message has nothing. */
type MessageFacts = ReturnType<typeof messageFacts>;

/**
 * The trigger metadata of a single message, by the names and with the types that the real extension gives (its
 * `ServiceBusTriggerBindingStrategy`). The JavaScript client counts earlier deliveries, .NET this one too.
 */
export function singleMetadata(message: ServiceBusReceivedMessage): Record<string, TypedData> {
  const metadata: Record<string, TypedData> = {};
  for (const [name, value] of Object.entries(messageFacts(message)))
    if (value !== null) metadata[name] = encode(name, value);
  return metadata;
}

/** The trigger metadata of a batch: an array for each name. Arrays of texts lose their empty entries, as on the real host. */
export function batchMetadata(
  messages: readonly ServiceBusReceivedMessage[],
  keepEmptyEntries: boolean,
): Record<string, TypedData> {
  const facts = messages.map(messageFacts);
  const metadata: Record<string, TypedData> = {};
  for (const name of Object.keys(facts[0] ?? {}) as (keyof MessageFacts)[]) {
    const values = facts.map((one) => one[name]);
    metadata[`${name}Array`] = textNames.has(name)
      ? { collectionString: { string: nonEmpty(values as (string | null)[], keepEmptyEntries) } }
      : { json: `[${values.map(jsonText).join(',')}]` };
  }
  return metadata;
}

function messageFacts(message: ServiceBusReceivedMessage) {
  // Copied, since the client makes one with the name `__proto__` the prototype of the others.
  const applicationProperties = Object.fromEntries(Object.entries(message.applicationProperties ?? {}));
  return {
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    DeadLetterSource: message.deadLetterSource ?? null,
    LockToken: message.lockToken ?? null,
    ExpiresAtUtc: utcWithoutZone(message.expiresAtUtc),
    ExpiresAt: `${utcWithoutZone(message.expiresAtUtc)}+00:00`,
    EnqueuedTimeUtc: utcWithoutZone(message.enqueuedTimeUtc),
    EnqueuedTime: `${utcWithoutZone(message.enqueuedTimeUtc)}+00:00`,
    MessageId: textOrNull(message.messageId),
    ContentType: textOrNull(message.contentType),
    ReplyTo: textOrNull(message.replyTo),
    SequenceNumber: BigInt(message.sequenceNumber?.toString() ?? '0'),
    To: textOrNull(message.to),
    Subject: textOrNull(message.subject),
    Label: textOrNull(message.subject),
    CorrelationId: textOrNull(message.correlationId),
    ApplicationProperties: applicationProperties,
    UserProperties: applicationProperties,
    SessionId: textOrNull(message.sessionId),
    ReplyToSessionId: textOrNull(message.replyToSessionId),
    PartitionKey: textOrNull(message.partitionKey),
    TransactionPartitionKey: textOrNull(message.partitionKey),
  };
}

const textNames = new Set<string>([
  'DeadLetterSource',
  'LockToken',
  'MessageId',
  'ContentType',
  'ReplyTo',
  'To',
  'Subject',
  'Label',
  'CorrelationId',
  'SessionId',
  'ReplyToSessionId',
  'PartitionKey',
  'TransactionPartitionKey',
] satisfies (keyof MessageFacts)[]);

function encode(name: string, value: unknown): TypedData {
  return textNames.has(name) ? toMetadataTypedData(value, true) : { json: jsonText(value) };
}

/** Whole numbers beyond 2^53 stay exact in the text; JavaScript loses them when it reads it. */
function jsonText(value: unknown): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}

function nonEmpty(values: readonly (string | null)[], keepEmptyEntries: boolean): string[] {
  const entries = values.map((value) => value ?? '');
  return keepEmptyEntries ? entries : entries.filter((entry) => entry !== '');
}

/** .NET's `DateTime` of these properties has lost its zone; its fraction has no zeros at the end. */
function utcWithoutZone(date: Date | undefined): string {
  if (!date || Number.isNaN(date.getTime())) return '9999-12-31T23:59:59.9999999';
  return date.toISOString().replace(/\.?0*Z$/, '');
}

function textOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : String(value);
}
