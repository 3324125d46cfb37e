import { randomUUID } from 'node:crypto';
import { amqpTypes, type Typed } from '../amqp/rhea.ts';
import { encodeMapEntry, encodeMapSection, type MapEntry, readMapEntries } from './map-entries.ts';
import { encodeSection, readSections, section } from './message-sections.ts';
import { isNull, type TypedEntry, typedFields } from './typed-values.ts';

/**
 * What a sender sent, kept as bytes: decoding and encoding again would change the wire types of values (an int would come out
 * as a uint, a uuid as binary). Only the header and the annotations are written anew for each receiver.
 */
export interface MessageContent {
  /** Fields of the header section: durable, priority, ttl, first-acquirer, delivery-count. */
  readonly header: readonly Typed[];
  readonly annotations: readonly MapEntry[];
  /** Encoded properties section. */
  readonly properties: Buffer;
  /** Its fields, from message-id to reply-to-group-id; the message id is there in any case. */
  readonly propertyFields: readonly Typed[];
  /** Encoded application-properties section, or nothing. */
  readonly applicationProperties: Buffer;
  /** Encoded body and footer. */
  readonly body: Buffer;
}

/**
 * Takes an encoded message apart, and gives it a message id when it has none: the JS client fails to settle one without.
 * @throws ServiceBusError amqp:decode-error
 */
export function parseMessage(bytes: Buffer): MessageContent {
  const sections = readSections(bytes);
  const fieldsOf = (code: number) => typedFields(sections.find((found) => found.code === code)?.content);
  // Copied, so that a small message does not keep the whole batch or network chunk that it came in.
  const bytesOf = (wanted: (code: number) => boolean) =>
    Buffer.concat(sections.filter(({ code }) => wanted(code)).map((part) => part.bytes));
  const fields = fieldsOf(section.properties);
  const hasId = !isNull(fields[0]);
  const propertyFields = hasId ? fields : [amqpTypes.wrap_string(randomUUID()), ...fields.slice(1)];
  const applicationProperties = bytesOf((code) => code === section.applicationProperties);
  readMapEntries(applicationProperties);
  return {
    header: fieldsOf(section.header),
    annotations: readMapEntries(bytesOf((code) => code === section.annotations)),
    properties: hasId
      ? bytesOf((code) => code === section.properties)
      : encodeSection(section.properties, amqpTypes.List32(propertyFields)),
    propertyFields,
    applicationProperties,
    body: bytesOf((code) => code >= section.data),
  };
}

/** The application properties by name. */
export function applicationPropertyValues(content: MessageContent): ReadonlyMap<unknown, Typed> {
  return new Map(readMapEntries(content.applicationProperties).map(({ key, value }) => [key, value]));
}

/** The value of an amqp-value body. */
export function bodyValue(content: MessageContent): Typed | undefined {
  return readSections(content.body).find(({ code }) => code === section.value)?.content;
}

/**
 * The message with some application properties set: changed where they exist, added where they do not.
 * @throws ServiceBusError amqp:decode-error
 */
export function withApplicationProperties(
  content: MessageContent,
  changes: readonly TypedEntry[],
): MessageContent {
  if (changes.length === 0) return content;
  const entries = new Map(readMapEntries(content.applicationProperties).map((entry) => [entry.key, entry]));
  for (const [key, value] of changes) {
    const name = String(key.value);
    entries.set(name, encodeMapEntry([amqpTypes.wrap_string(name), value]));
  }
  return {
    ...content,
    applicationProperties: encodeMapSection(section.applicationProperties, [...entries.values()]),
  };
}

/** A delivery: its own header and annotations, followed by what the sender sent. */
export function encodeMessage(
  content: MessageContent,
  header: readonly Typed[],
  annotations: readonly Pick<MapEntry, 'bytes'>[],
): Buffer {
  return Buffer.concat([
    encodeSection(section.header, amqpTypes.List32(header)),
    encodeMapSection(section.annotations, annotations),
    content.properties,
    content.applicationProperties,
    content.body,
  ]);
}
