import fc from 'fast-check';
import rhea from 'rhea';
import { expect, test } from 'vitest';
import {
  applicationPropertyValues,
  encodeMessage,
  parseMessage,
  withApplicationProperties,
} from '../../../infra/local/service-bus/messages/message-content.ts';
import { amqpValue, decodeValue, encodeValue } from './amqp-values.ts';
import { readWireMessage, wireValue } from './wire-message.ts';

const { types } = rhea;

const message = fc
  .record(
    {
      message_id: fc.string({ minLength: 1 }),
      subject: fc.string(),
      message_annotations: fc.dictionary(fc.string(), amqpValue),
      application_properties: fc.dictionary(fc.string(), amqpValue),
      body: amqpValue,
    },
    { requiredKeys: ['message_id', 'body'] },
  )
  .map((fields) => rhea.message.encode(fields));

test('passes on properties and body byte by byte', () => {
  fc.assert(
    fc.property(message, (bytes) => {
      const forwarded = encodeMessage(parseMessage(bytes), [], []);
      expect(readWireMessage(forwarded).bareBytes.equals(readWireMessage(bytes).bareBytes)).toBe(true);
    }),
  );
});

test('changes only the application properties that it is told to, in their wire types', () => {
  const changes = fc.array(fc.tuple(fc.string(), amqpValue), { maxLength: 4 });
  fc.assert(
    fc.property(message, changes, (bytes, entries) => {
      const content = parseMessage(bytes);
      const changed = withApplicationProperties(
        content,
        entries.map(([name, value]) => [types.wrap_string(name), value] as const) as never,
      );
      const expected = new Map(readWireMessage(bytes).applicationProperties);
      for (const [name, value] of entries) expected.set(name, wireValue(decodeValue(encodeValue(value))));
      const actual = readWireMessage(encodeMessage(changed, [], [])).applicationProperties;
      expect(actual).toEqual(expected);
      expect(applicationPropertyValues(changed).size).toBe(expected.size);
      expect(changed.body).toBe(content.body);
      expect(changed.properties).toBe(content.properties);
    }),
  );
});

test('adds a message id where there is none, and keeps the other properties', () => {
  const bytes = rhea.message.encode({ subject: 'kept', correlation_id: types.wrap_ulong(5), body: 'x' });
  const { properties } = readWireMessage(encodeMessage(parseMessage(bytes), [], []));
  expect(properties[0]?.value).toMatch(/^[0-9a-f-]{36}$/);
  expect(properties[3]).toEqual({ type: 'string', value: 'kept' });
  expect(properties[5]).toEqual({ type: 'ulong', value: 5 });
});

test('says that it cannot decode anything cut short', () => {
  const bytes = rhea.message.encode({
    message_id: 'id',
    subject: 'subject',
    body: rhea.message.data_section(Buffer.alloc(50)),
  });
  const isWhole = (length: number) => {
    try {
      return parseMessage(bytes.subarray(0, length)).body.length > 0;
    } catch (error) {
      expect(error).toMatchObject({ condition: 'amqp:decode-error' });
      return false;
    }
  };
  const whole = Array.from({ length: bytes.length + 1 }, (_, length) => length).filter(isWhole);
  expect(whole).toEqual([bytes.length]);
});

test('says that it cannot keep a change that rhea reads but does not write', () => {
  const content = parseMessage(rhea.message.encode({ message_id: 'id', body: 'x' }));
  const array = decodeValue(encodeValue(types.wrap_array([1, 2], 0x81, undefined)));
  const change = [types.wrap_string('name'), array] as never;
  expect(() => withApplicationProperties(content, [change])).toThrow(
    expect.objectContaining({ condition: 'amqp:decode-error' }),
  );
});
