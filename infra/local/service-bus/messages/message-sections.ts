import { amqpTypes, type Typed } from '../amqp/rhea.ts';
import { decodeError } from '../service-bus-error.ts';

/** Descriptors of the sections that an encoded AMQP message consists of. */
export const section = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  annotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

const symbolicDescriptors: Readonly<Record<string, number>> = {
  'amqp:header:list': section.header,
  'amqp:delivery-annotations:map': section.deliveryAnnotations,
  'amqp:message-annotations:map': section.annotations,
  'amqp:properties:list': section.properties,
  'amqp:application-properties:map': section.applicationProperties,
  'amqp:data:binary': section.data,
  'amqp:amqp-sequence:list': section.sequence,
  'amqp:amqp-value:*': section.value,
  'amqp:footer:map': section.footer,
};

export interface Section {
  readonly code: number;
  readonly content: Typed;
  /** The section as it came, descriptor included. */
  readonly bytes: Buffer;
}

/** @throws ServiceBusError amqp:decode-error when the bytes are not a row of sections */
export function readSections(bytes: Buffer): Section[] {
  const reader = new amqpTypes.Reader(bytes);
  const sections: Section[] = [];
  try {
    while (reader.remaining() > 0) {
      const start = reader.position;
      const content = reader.read();
      const code = sectionCode(content);
      if (code === undefined || reader.remaining() < 0) throw new RangeError('not a section, or cut short');
      sections.push({ code, content, bytes: bytes.subarray(start, reader.position) });
    }
  } catch (error) {
    throw decodeError(`The message cannot be decoded: ${(error as Error).message}`);
  }
  return sections;
}

/** @throws ServiceBusError amqp:decode-error when rhea cannot write a value that it has read */
export function encodeSection(code: number, value: Typed): Buffer {
  const writer = new amqpTypes.Writer();
  try {
    writer.write(amqpTypes.described(amqpTypes.wrap_ulong(code), value));
  } catch (error) {
    throw decodeError(`The message cannot be kept: ${(error as Error).message}`);
  }
  return writer.toBuffer();
}

/**
 * The encoded messages in a batch: the data sections of an envelope whose other sections only repeat the first message's.
 * @throws ServiceBusError amqp:decode-error
 */
export function readBatch(bytes: Buffer): Buffer[] {
  const data = readSections(bytes).filter(({ code }) => code === section.data);
  const messages = data.map(({ content }) => content.value);
  if (!messages.every((message) => Buffer.isBuffer(message)))
    throw decodeError('A data section holds no bytes.');
  return messages;
}

function sectionCode(content: Typed): number | undefined {
  const descriptor = content.descriptor?.value;
  const code = typeof descriptor === 'string' ? symbolicDescriptors[descriptor] : descriptor;
  return typeof code === 'number' && code >= section.header && code <= section.footer ? code : undefined;
}
