import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import rhea, { type EventContext } from 'rhea';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { amqpValue, describedList, encodeFrame, encodeValue } from './amqp-values.ts';
import { attachReceiver, attachSender, connectRaw, type RawAmqpClient } from './raw-amqp-client.ts';
import { receiveOne, startTestBus, type TestBus } from './start-test-bus.ts';

/**
 * Whatever a client writes, the broker answers as the service would or closes that connection, and other connections go on.
 * An uncaught exception or unhandled rejection anywhere would fail the run, since the broker runs in this process.
 */

const { types } = rhea;
const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');
const amqpHeader = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1');

// rhea tells the console of oddities that it meets.
beforeEach(() => {
  for (const method of ['error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {});
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
});

async function startWithBystander(): Promise<{ started: TestBus; expectOthersToGoOn: () => Promise<void> }> {
  const started = await startTestBus();
  const bystander = started.createClient();
  const exchange = async (client: typeof bystander) => {
    await client.createSender('orders').sendMessages({ body: 'still there' });
    const receiver = client.createReceiver('orders');
    const message = await receiveOne(receiver);
    await receiver.completeMessage(message);
    await receiver.close();
  };
  await exchange(bystander);
  await started.bus.reset();
  return {
    started,
    expectOthersToGoOn: async () => {
      await started.bus.reset();
      await exchange(bystander);
      await exchange(started.createClient());
    },
  };
}

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

test('refuses messages that cannot be decoded, and keeps the link', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const { connection, putToken } = await connectRaw(started.port);
  await putToken('sb://localhost/orders');
  const sender = await attachSender(connection, { target: 'orders' });
  const isSection = (bytes: Uint8Array) => bytes.length === 0 || bytes[0] === 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 200 }).filter((bytes) => !isSection(bytes)),
      fc.constantFrom(0, 0x80013700),
      async (bytes, format) => {
        const delivery = sender.send(Buffer.from(bytes), undefined, format);
        const [{ delivery: answered }] = (await once(sender, 'rejected')) as [EventContext];
        expect(answered).toBe(delivery);
        expect(delivery.remote_state?.error.condition).toBe('amqp:decode-error');
      },
    ),
    { numRuns: 300 },
  );
  expect(started.bus.heldMessages()).toEqual([]);
  sender.send({ body: 'good' });
  await once(sender, 'accepted');
  await expectOthersToGoOn();
});

test('refuses a batch whole when one of its messages cannot be decoded', async () => {
  const { bus, port } = await startTestBus();
  const { connection, putToken } = await connectRaw(port);
  await putToken('sb://localhost/orders');
  const sender = await attachSender(connection, { target: 'orders' });
  const good = rhea.message.encode({ body: 'good' });
  const batch = rhea.message.encode({ body: rhea.message.data_sections([good, Buffer.from('bad'), good]) });
  sender.send(batch, undefined, 0x80013700);
  await once(sender, 'rejected');
  expect(bus.heldMessages()).toEqual([]);
});

test('refuses a message format that it does not know', async () => {
  const { port } = await startTestBus();
  const { connection, putToken } = await connectRaw(port);
  await putToken('sb://localhost/orders');
  const sender = await attachSender(connection, { target: 'orders' });
  const delivery = sender.send(rhea.message.encode({ body: 'x' }), undefined, 77);
  await once(sender, 'rejected');
  expect(delivery.remote_state?.error.condition).toBe('amqp:not-implemented');
});

const fieldNames = [
  'lock-tokens',
  'from-sequence-number',
  'message-count',
  'messages',
  'sequence-numbers',
  'disposition-status',
  'properties-to-modify',
  'deadletter-reason',
  'deadletter-description',
];

test('answers management requests with wrong types with an error of the service', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const client: RawAmqpClient = await connectRaw(started.port);
  await client.putToken('sb://localhost/orders');
  const operation = fc.constantFrom(
    'renew-lock',
    'peek-message',
    'update-disposition',
    'schedule-message',
    'cancel-scheduled-message',
    'toString',
  );
  const body = fc.oneof(fc.dictionary(fc.constantFrom(...fieldNames), amqpValue), amqpValue);
  const statuses = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(operation, body, async (name, value) => {
      const reply = await client.request('orders/$management', {
        application_properties: { operation: `com.microsoft:${name}` },
        body: value,
      });
      const status = reply.applicationProperties.get('statusCode')?.value;
      statuses.add(status);
      expect([200, 204, 400, 404, 410, 501]).toContain(status);
      if (Number(status) >= 400)
        expect(reply.applicationProperties.get('errorCondition')).toMatchObject({ type: 'symbol' });
    }),
    { numRuns: 1000 },
  );
  expect([...statuses]).toContain(400);
  await expectOthersToGoOn();
});

test('takes any value for a token or an address without harm', async () => {
  const { started, expectOthersToGoOn } = await startWithBystander();
  const client = await connectRaw(started.port);
  await fc.assert(
    fc.asyncProperty(amqpValue, amqpValue, amqpValue, async (token, type, name) => {
      const reply = await client.request('$cbs', {
        body: token,
        application_properties: { operation: 'put-token', type, name },
      });
      expect(reply.applicationProperties.get('status-code')).toEqual({ type: 'int', value: 401 });
    }),
    { numRuns: 200 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string(), async (address) => {
      await expect(attachReceiver(client.connection, { source: address })).rejects.toMatchObject({
        condition: expect.stringMatching(/^amqp:(not-found|not-implemented|unauthorized-access)$/),
      });
    }),
    { numRuns: 200 },
  );
  await expectOthersToGoOn();
});
