import { amqpTypes, type Typed } from '../amqp/rhea.ts';
import { decodeError } from '../service-bus-error.ts';
import type { TypedEntry } from './typed-values.ts';

/**
 * An entry of a map section, with the bytes that it came in: rhea cannot write again all that it can read (arrays, texts that
 * are no UTF-8).
 */
export interface MapEntry {
  readonly key: unknown;
  readonly value: Typed;
  /** Key and value, encoded. */
  readonly bytes: Buffer;
}

const map8 = 0xc1;
const map32 = 0xd1;

/** The entries of an encoded section that is a map. @throws ServiceBusError amqp:decode-error */
export function readMapEntries(section: Buffer): MapEntry[] {
  if (section.length === 0) return [];
  const reader = new amqpTypes.Reader(section);
  reader.position = 1;
  reader.read();
  const typecode = section[reader.position];
  if (typecode !== map8 && typecode !== map32) throw decodeError('A map was expected.');
  const width = typecode === map8 ? 1 : 4;
  const count = section.readUIntBE(reader.position + 1 + width, width);
  if (count % 2 !== 0) throw decodeError('A map has a key without a value.');
  reader.position += 1 + 2 * width;
  const entries: MapEntry[] = [];
  for (let read = 0; read < count; read += 2) {
    const start = reader.position;
    const key = reader.read().value;
    const value = reader.read();
    entries.push({ key, value, bytes: section.subarray(start, reader.position) });
  }
  return entries;
}

/** @throws ServiceBusError amqp:decode-error when rhea cannot write a value that it has read */
export function encodeMapEntry([key, value]: TypedEntry): MapEntry {
  const writer = new amqpTypes.Writer();
  try {
    writer.write(key);
    writer.write(value);
  } catch (error) {
    throw decodeError(`The value of '${String(key.value)}' cannot be kept: ${(error as Error).message}`);
  }
  return { key: key.value, value, bytes: Buffer.from(writer.toBuffer()) };
}

/** An encoded section that is a map of these entries. */
export function encodeMapSection(code: number, entries: readonly Pick<MapEntry, 'bytes'>[]): Buffer {
  const content = Buffer.concat(entries.map(({ bytes }) => bytes));
  const start = Buffer.alloc(12);
  start.set([0x00, 0x53, code, map32]);
  start.writeUInt32BE(4 + content.length, 4);
  start.writeUInt32BE(2 * entries.length, 8);
  return Buffer.concat([start, content]);
}
