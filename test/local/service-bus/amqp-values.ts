import fc from 'fast-check';
import rhea, { type Typed } from 'rhea';

const { types } = rhea;

interface Writer {
  write(value: Typed): void;
  toBuffer(): Buffer;
}

const { Reader, Writer } = types as unknown as {
  Reader: new (bytes: Buffer) => { read(): Typed };
  Writer: new () => Writer;
};

/** Any AMQP value, with a wire type of its own. */
export const amqpValue: fc.Arbitrary<Typed> = fc.letrec<{ value: Typed; leaf: Typed }>((tie) => ({
  leaf: fc.oneof(
    fc.constant(types.wrap(null)),
    fc.boolean().map((value) => types.wrap(value)),
    fc.integer().map((value) => types.wrap_int(value)),
    fc.nat(2 ** 32 - 1).map((value) => types.wrap_uint(value)),
    fc.maxSafeInteger().map((value) => types.wrap_long(value)),
    fc.maxSafeNat().map((value) => types.wrap_ulong(value) as Typed),
    fc.double({ noNaN: true }).map((value) => types.wrap_double(value)),
    fc.date({ noInvalidDate: true }).map((value) => types.wrap_timestamp(value.getTime())),
    fc.string().map((value) => types.wrap_string(value)),
    fc.string().map((value) => types.wrap_symbol(value)),
    fc.uint8Array({ maxLength: 40 }).map((value) => types.wrap_binary(Buffer.from(value))),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((value) => types.wrap_uuid(Buffer.from(value))),
    fc.array(fc.maxSafeInteger(), { maxLength: 4 }).map((value) => types.wrap_array(value, 0x81, undefined)),
  ),
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'amqp' },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 5, depthIdentifier: 'amqp' }).map((items) => types.wrap_list(items)),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 5, depthIdentifier: 'amqp' })
      .map((entries) => types.wrap_map(Object.fromEntries(entries))),
    tie('value').map((value) => types.wrap_list([value])),
  ),
})).value;

/** A list with a descriptor, such as a performative or a section. */
export function describedList(code: number, items: readonly Typed[]): Typed {
  return types.described(types.wrap_ulong(code), types.wrap_list(items)) as Typed;
}

export function encodeValue(value: Typed): Buffer {
  const writer = new Writer();
  writer.write(value);
  return writer.toBuffer();
}

export function decodeValue(bytes: Buffer): Typed {
  return new Reader(bytes).read();
}

/** One AMQP frame around an encoded performative. */
export function encodeFrame(content: Buffer, channel = 0): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.length, 0);
  header.writeUInt8(2, 4);
  header.writeUInt16BE(channel, 6);
  return Buffer.concat([header, content]);
}
