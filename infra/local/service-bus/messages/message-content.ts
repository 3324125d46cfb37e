import { randomUUID } from 'node:crypto';
import { amqpTypes, type Typed } from '../amqp/rhea.ts';
import { describedSection, encodeSection, readSections, section } from './message-sections.ts';
import { isNull, type TypedEntry, typedEntries, typedFields } from './typed-values.ts';

/**
 * What a sender sent, kept as bytes: decoding and encoding again would change the wire types of values (an int would come out
 * as a uint, a uuid as binary). Only the header and the annotations are written anew for each receiver.
 */
export interface MessageContent {
  /** Fields of the header section: durable, priority, ttl, first-acquirer, delivery-count. */
  readonly header: readonly Typed[];
  readonly annotations: readonly TypedEntry[];
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
  const contentOf = (code: number) => sections.find((candidate) => candidate.code === code)?.content;
  // Copied, so that a small message does not keep the whole batch or network chunk that it came in.
  const bytesOf = (wanted: (code: number) => boolean) =>
    Buffer.concat(sections.filter(({ code }) => wanted(code)).map((part) => part.bytes));
  const fields = typedFields(contentOf(section.properties));
  const hasId = !isNull(fields[0]);
  const propertyFields = hasId ? fields : [amqpTypes.wrap_string(randomUUID()), ...fields.slice(1)];
  return {
    header: typedFields(contentOf(section.header)),
    annotations: typedEntries(contentOf(section.annotations)),
    properties: hasId
      ? bytesOf((code) => code === section.properties)
      : encodeSection(section.properties, amqpTypes.List32(propertyFields)),
    propertyFields,
    applicationProperties: bytesOf((code) => code === section.applicationProperties),
    body: bytesOf((code) => code >= section.data),
  };
}

/** Keys and values of the application properties, in their wire types. */
export function applicationPropertyEntries(content: MessageContent): readonly TypedEntry[] {
  const [properties] = readSections(content.applicationProperties);
  return typedEntries(properties?.content);
}

/** The value of an amqp-value body. */
export function bodyValue(content: MessageContent): Typed | undefined {
  return readSections(content.body).find(({ code }) => code === section.value)?.content;
}

/** The message with some application properties set: changed where they exist, added where they do not. */
export function withApplicationProperties(
  content: MessageContent,
  changes: readonly TypedEntry[],
): MessageContent {
  if (changes.length === 0) return content;
  const entries = new Map(applicationPropertyEntries(content).map((entry) => [entry[0].value, entry]));
  for (const [key, value] of changes) {
    const name = String(key.value);
    entries.set(name, [amqpTypes.wrap_string(name), value]);
  }
  const map = amqpTypes.Map32([...entries.values()].flat());
  return { ...content, applicationProperties: encodeSection(section.applicationProperties, map) };
}

/** A delivery: its own header and annotations (keys and values in turn), followed by what the sender sent. */
export function encodeMessage(
  content: MessageContent,
  header: readonly Typed[],
  annotations: readonly Typed[],
): Buffer {
  const writer = new amqpTypes.Writer();
  writer.write(describedSection(section.header, amqpTypes.List32(header)));
  writer.write(describedSection(section.annotations, amqpTypes.Map32(annotations)));
  writer.write_bytes(content.properties);
  writer.write_bytes(content.applicationProperties);
  writer.write_bytes(content.body);
  return writer.toBuffer();
}
