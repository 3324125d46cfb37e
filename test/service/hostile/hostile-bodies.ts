import fc from 'fast-check';
import { arbitraryCommand } from '../../contracts/arbitrary-command.ts';

/** Stands in every text that a message brings, so that nobody repeats it unseen. */
export const canary = 'CANARY';

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

/** What validators and those behind them stumble over. */
const trickyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\u202Eteam-web\u202C',
    '\uFEFFteam-web',
    'te\u200Dam-web',
    'TEAM-WEB\u0130',
    '../../../etc/passwd',
    "'; DROP TABLE KeyturnRecords; --",
    "PartitionKey eq 'x' or true",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template that somebody might fill in
    '${process.env}{{7*7}}%s%n',
    '<script>alert(1)</script>',
    'constructor',
    '__proto__',
    'a'.repeat(50_000),
    '\u{1F511}'.repeat(128),
    '-'.repeat(10_000),
    'a/'.repeat(20_000),
    '*',
    '*/*',
    '_repositories_admin',
  ),
);

const trickyDate = fc.constantFrom(
  '9999-12-31T23:59:59Z',
  '0000-00-00T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '-271821-04-19T23:59:59.999Z',
  '2016-12-31T23:59:60Z',
  '2026-02-30T00:00:00Z',
  '2026-11-22T25:00:00Z',
  '2026-11-22T10:00:00+99:99',
  '2026-11-22T10:00:00',
  '1e9999',
  '1970-01-01T00:00:00Z',
  '2038-01-19T03:14:08Z',
);

const trickyDuration = fc.constantFrom(
  'P1Y',
  'P-1D',
  'PT1E9S',
  `P${'9'.repeat(400)}D`,
  'PT0S',
  'P',
  'P1D1D',
  '60',
);

const trickyValue = fc.oneof(
  trickyText,
  trickyText.map((text) => `${canary}${text}`),
  trickyDate,
  trickyDuration,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(null, true, -0, 1e308, 2 ** 53, [], {}, [[[[]]]], { toString: 1 }),
);

/** A command in which one field, on whatever level, holds something else, or that has a field too many. */
const damagedCommand = fc
  .tuple(arbitraryCommand, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), trickyValue, fc.boolean())
  .map(([command, way, value, beside]) => {
    const damaged = structuredClone(command);
    put(damaged, way, value, beside);
    return bytesOf(damaged);
  });

function put(target: object, [turn = 0, ...way]: number[], value: unknown, beside: boolean): void {
  const names = Object.keys(target);
  const name = names[turn % Math.max(1, names.length)] ?? '0';
  const inner: unknown = Reflect.get(target, name);
  if (way.length > 0 && typeof inner === 'object' && inner !== null) put(inner, way, value, beside);
  else Reflect.set(target, beside ? `${canary}-${name}` : name, value);
}

const command = arbitraryCommand.map(bytesOf);

/** Names with which a careless merge changes the prototype of all objects. */
const polluting = fc
  .tuple(arbitraryCommand, fc.constantFrom('__proto__', 'constructor', 'prototype'), fc.boolean())
  .map(([event, name, inData]) => {
    const text = JSON.stringify(inData ? event.data : event);
    const polluted = `{${JSON.stringify(name)}:{"polluted":"${canary}","type":"${canary}"},${text.slice(1)}`;
    return Buffer.from(
      inData ? JSON.stringify({ ...event, data: 0 }).replace('"data":0', `"data":${polluted}`) : polluted,
    );
  });

const deep = fc
  .tuple(
    fc.constantFrom('[', '{"a":', '{"data":', '[[{"type":'),
    fc.integer({ min: 100, max: 15_000 }),
    fc.boolean(),
  )
  .map(([open, times, closed]) => {
    const close = [...open]
      .reverse()
      .map((sign) => ({ '[': ']', '{': '}' })[sign] ?? '')
      .join('');
    return Buffer.from(open.repeat(times) + (closed ? `null${close.repeat(times)}` : ''));
  });

const cutOff = fc
  .tuple(command, fc.double({ min: 0, max: 0.99, noNaN: true }))
  .map(([bytes, part]) => bytes.subarray(0, Math.floor(bytes.length * part)));

const flipped = fc.tuple(command, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([bytes, at, by]) => {
  const other = Buffer.from(bytes);
  const place = at % other.length;
  other.writeUInt8(other.readUInt8(place) ^ by, place);
  return other;
});

const otherText = command.map((bytes) =>
  Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString(), 'utf16le')]),
);

const internal = fc
  .tuple(arbitraryCommand, fc.constantFrom('reconcile-requested', 'registry-reported', `${canary}`, ''))
  .map(([event, type]) => bytesOf({ ...event, type: `keyturn.internal.${type}` }));

const large = fc
  .tuple(fc.oneof(fc.integer({ min: 60_001, max: 250_000 }), fc.constant(261_700)), fc.boolean())
  .map(([length, asJson]) =>
    Buffer.from(asJson ? `"${canary.padEnd(length - 2, 'x')}"` : 'x'.repeat(length)),
  );

/** Bodies that are no command, or one that nobody may send. Weights keep the large ones few. */
export const hostileBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 10, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 6, arbitrary: fc.jsonValue({ maxDepth: 4 }).map((value) => bytesOf({ [canary]: value })) },
  { weight: 10, arbitrary: cutOff },
  { weight: 10, arbitrary: flipped },
  { weight: 3, arbitrary: otherText },
  { weight: 30, arbitrary: damagedCommand },
  { weight: 8, arbitrary: polluting },
  { weight: 4, arbitrary: deep },
  { weight: 6, arbitrary: internal },
  { weight: 1, arbitrary: large },
  { weight: 12, arbitrary: command },
);
