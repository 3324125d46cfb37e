import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import rhea, { type EventContext } from 'rhea';
import { expect, onTestFinished, test } from 'vitest';
import { amqpValue, describedList, encodeFrame, encodeValue } from './amqp-values.ts';
import { silenceRhea, startWithBystander } from './bystander.ts';
import { attachReceiver, attachSender, connectRaw } from './raw-amqp-client.ts';

const { types } = rhea;
const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');
const amqpHeader = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1');

silenceRhea();

/** Writes bytes on a connection of their own, piece by piece, and resolves when the broker has closed it. */
async function writeAndEnd(
  port: number,
  pieces: readonly Uint8Array[],
  pause: (socket: Socket) => Promise<unknown> = () => setImmediate(),
): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.on('error', () => {});
  socket.resume();
  const closed = closeOf(socket);
  for (const piece of pieces) {
    if (!socket.destroyed) socket.write(piece);
    await pause(socket);
  }
  socket.end();
  await closed;
}

/** As a client that waits for answers, where there are any. */
function answerOf(socket: Socket): Promise<unknown> {
  return Promise.race([once(socket, 'data'), setTimeout(500)]);
}

/** Unlike `once`, this is indifferent to errors: a reset connection is closed too. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}

/** What a well-behaved client writes to send a message, receive and complete it, and peek; piece by piece. */
async function recordConversation(port: number): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  const proxy = createServer((client: Socket) => {
    const broker = connect({ host: '127.0.0.1', port });
    client.on('data', (piece) => pieces.push(piece));
    client.pipe(broker).pipe(client);
    for (const socket of [client, broker]) socket.on('error', () => {});
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.close();
  });
  const client = await connectRaw((proxy.address() as AddressInfo).port, { username: undefined });
  await client.putToken('sb://localhost/orders');
  const sender = await attachSender(client.connection, { target: 'orders' });
  sender.send({ message_id: 'm', application_properties: { a: 1 }, body: 'x' });
  await once(sender, 'accepted');
  const receiver = await attachReceiver(client.connection, {
    source: 'orders',
    rcv_settle_mode: 1,
    credit_window: 0,
  });
  receiver.add_credit(1);
  const [{ delivery }] = (await once(receiver, 'message')) as [EventContext];
  delivery?.accept();
  await once(receiver, 'settled');
  await client.request('orders/$management', {
    application_properties: { operation: 'com.microsoft:peek-message' },
    body: { 'from-sequence-number': types.wrap_long(1), 'message-count': types.wrap_int(1) },
  });
  return pieces;
}

test('survives random bytes', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const header = fc.constantFrom(Buffer.alloc(0), saslHeader, amqpHeader);
  await fc.assert(
    fc.asyncProperty(header, fc.uint8Array({ maxLength: 400 }), (start, bytes) =>
      writeAndEnd(started.port, [Buffer.concat([start, bytes])]),
    ),
    { numRuns: 500 },
  );
  await expectOthersToGoOn();
});

test('survives a conversation in which bytes were changed', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const pieces = await recordConversation(started.port);
  const completions = () =>
    started.history.list().filter(({ request }) => request === 'complete orders').length;
  const before = completions();
  await writeAndEnd(started.port, pieces, answerOf);
  expect(completions()).toBe(before + 1);
  const length = Buffer.concat(pieces).length;
  const change = fc.tuple(fc.nat(length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) =>
      writeAndEnd(started.port, changedPieces(pieces, changes)),
    ),
    { numRuns: 500 },
  );
  await expectOthersToGoOn();
});

function changedPieces(pieces: readonly Buffer[], changes: readonly (readonly [number, number])[]): Buffer[] {
  const bytes = Buffer.concat(pieces);
  for (const [place, value] of changes) bytes[place] = value;
  let start = 0;
  return pieces.map((piece) => {
    start += piece.length;
    return bytes.subarray(start - piece.length, start);
  });
}

test('survives well-formed frames that make no sense', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const beginning = (await recordConversation(started.port)).slice(0, -3);
  const performative = fc
    .tuple(
      fc.integer({ min: 0x10, max: 0x18 }),
      fc.array(amqpValue, { maxLength: 8 }),
      fc.uint8Array({ maxLength: 60 }),
    )
    .map(([code, fields, payload]) => Buffer.concat([encodeValue(describedList(code, fields)), payload]));
  await fc.assert(
    fc.asyncProperty(fc.array(performative, { minLength: 1, maxLength: 5 }), (contents) =>
      writeAndEnd(started.port, [...beginning, ...contents.map((content) => encodeFrame(content))]),
    ),
    { numRuns: 300 },
  );
  await expectOthersToGoOn();
});

const emptyOpen = encodeFrame(encodeValue(describedList(0x10, [types.wrap_string('me')])));
const begin = encodeFrame(
  encodeValue(
    describedList(0x11, [types.wrap(null), types.wrap_uint(0), types.wrap_uint(100), types.wrap_uint(100)]),
  ),
);
const endlessDisposition = describedList(0x15, [
  types.wrap(true),
  types.wrap_uint(0),
  types.wrap_uint(2 ** 32 - 1),
]);

const malicious: Record<string, Buffer> = {
  'a frame of no bytes': Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]),
  'a frame shorter than its header': Buffer.from([0, 0, 0, 5, 2, 0, 0, 0]),
  'a frame larger than allowed': Buffer.from([0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0]),
  'a frame of an unknown type': Buffer.from([0, 0, 0, 8, 2, 9, 0, 0]),
  'a second opening': emptyOpen,
  'a frame on a channel that was not begun': encodeFrame(encodeValue(describedList(0x12, [])), 7),
  'a performative that is none': encodeFrame(encodeValue(types.wrap('text'))),
  'descriptors inside descriptors without end': encodeFrame(Buffer.alloc(60_000)),
  'an array that claims four thousand million items': encodeFrame(
    Buffer.concat([
      Buffer.from([0x00, 0x53, 0x10, 0xd0, 0, 0, 0, 14, 0, 0, 0, 1]),
      Buffer.from([0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40]),
    ]),
  ),
  'a list that claims four thousand million items': encodeFrame(
    Buffer.from([0x00, 0x53, 0x10, 0xd0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]),
  ),
  'a disposition of every delivery there could be': Buffer.concat([
    begin,
    encodeFrame(encodeValue(endlessDisposition)),
  ]),
  'a SASL frame after SASL': Buffer.from([0, 0, 0, 8, 2, 1, 0, 0]),
};

test.each([1, 99])('refuses a client that wants a sign of life every %d ms', async (idleTimeOut) => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const opening = describedList(0x10, [
    types.wrap_string('me'),
    ...Array.from({ length: 3 }, () => types.wrap(null)),
    types.wrap_uint(idleTimeOut),
  ]);
  await writeAndEnd(started.port, [amqpHeader, encodeFrame(encodeValue(opening))]);
  expect(started.history.list().at(-1)).toMatchObject({ request: 'frame' });
  await expectOthersToGoOn();
});

test.each(Object.entries(malicious))('closes a connection on which %s comes', async (_, bytes) => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const socket = connect({ host: '127.0.0.1', port: started.port });
  socket.resume();
  socket.on('error', () => {});
  socket.write(Buffer.concat([amqpHeader, emptyOpen]));
  await setImmediate();
  socket.write(bytes);
  // The broker closes it: this side only waits.
  await closeOf(socket);
  expect(started.history.list().at(-1)).toMatchObject({
    request: 'frame',
    outcome: 'amqp:connection:framing-error',
  });
  await expectOthersToGoOn();
});
