import type { Socket } from 'node:net';
import { type AmqpConnection, type AmqpSession, amqpTypes, type Frame, type Typed } from './rhea.ts';

/**
 * The message format that incoming messages of the standard format 0 are given, so that rhea hands them over undecoded: it
 * would lose their bytes, and one that cannot be decoded would cost the connection instead of a refusal.
 */
export const rawMessageFormat = 0x7fff_ffff;

/** Most deliveries that one disposition may name; rhea goes through the range one by one, up to 2^32. */
const longestDispositionRange = 65_536;

/** Milliseconds. */
const shortestIdleTimeOut = 100;

/** Most items of an array whose items take no bytes. */
const mostEmptyItems = 65_536;

const coordinatorDescriptors: readonly unknown[] = [0x30, 'amqp:coordinator:list'];

export interface GuardOptions {
  /** Bytes, as announced to the client. */
  readonly maxFrameSize: number;
  /** Bytes; of a longer message only a little more than this is kept, enough to refuse it. */
  readonly maxMessageSize: number;
  /** Called with what goes wrong while frames are written. */
  readonly onFailure: (error: unknown) => void;
}

const held = new WeakSet<AmqpConnection>();

/** Keeps a connection from writing anything until the returned function is called. */
export function holdWriting(connection: AmqpConnection): () => void {
  held.add(connection);
  return () => {
    held.delete(connection);
    connection._register();
  };
}

/**
 * Changes what rhea's connection does with frames where a server needs it otherwise. Errors thrown here reach the connection's
 * `error` event. Relies on members that rhea does not document.
 */
export function guardConnection(connection: AmqpConnection, socket: Socket, options: GuardOptions): void {
  limitItemCounts();
  writeFramesTogether(connection, socket, options.onFailure);
  limitFrameSize(connection, options.maxFrameSize);
  limitHeartbeats(connection);
  limitDispositionRange(connection);
  hideCoordinator(connection);
  resumeSendersWhenWindowOpens(connection);
  keepMessagesEncoded(connection, options.maxMessageSize);
}

/** One write for all frames of one turn, instead of one each. */
function writeFramesTogether(
  connection: AmqpConnection,
  socket: Socket,
  onFailure: (error: unknown) => void,
): void {
  const writeFrames = connection._process;
  connection._process = function (this: AmqpConnection) {
    if (held.has(this)) {
      this.registered = false;
      return;
    }
    socket.cork();
    try {
      writeFrames.call(this);
    } catch (error) {
      onFailure(error);
    } finally {
      socket.uncork();
    }
  };
}

function limitFrameSize({ transport }: AmqpConnection, maxFrameSize: number): void {
  const peekSize = transport.peek_size;
  transport.peek_size = function (bytes) {
    const size = peekSize.call(this, bytes);
    if (size !== undefined && size > maxFrameSize)
      throw new RangeError(`A frame of ${size} bytes is larger than the ${maxFrameSize} allowed`);
    return size;
  };
}

/** rhea writes an empty frame in half of the time that the client names, whatever it names. */
function limitHeartbeats(connection: AmqpConnection): void {
  const onOpen = connection.on_open;
  connection.on_open = function (this: AmqpConnection, frame: Frame) {
    const asked = frame.performative.idle_time_out ?? 0;
    if (!isUint(asked) || (asked > 0 && asked < shortestIdleTimeOut))
      throw new RangeError(`An idle time-out of ${asked} ms is not acceptable`);
    onOpen.call(this, frame);
  };
}

function limitDispositionRange(connection: AmqpConnection): void {
  const onDisposition = connection.on_disposition;
  connection.on_disposition = function (this: AmqpConnection, frame: Frame) {
    const { first, last } = frame.performative;
    const end = last ?? first;
    if (!isUint(first) || !isUint(end) || end - first > longestDispositionRange)
      throw new RangeError(`A disposition of the deliveries ${first} to ${end} is not acceptable`);
    onDisposition.call(this, frame);
  };
}

function isUint(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
}

/** Transaction coordinators are refused like any link without an address; rhea would print a warning first. */
function hideCoordinator(connection: AmqpConnection): void {
  const onAttach = connection.on_attach;
  connection.on_attach = function (this: AmqpConnection, frame: Frame) {
    const target = frame.performative.target as Typed | null | undefined;
    if (coordinatorDescriptors.includes(target?.descriptor?.value)) frame.performative.target = undefined;
    onAttach.call(this, frame);
  };
}

/** A flow that concerns no link opens the session's window: senders that waited for it may go on. */
function resumeSendersWhenWindowOpens(connection: AmqpConnection): void {
  const onFlow = connection.on_flow;
  connection.on_flow = function (this: AmqpConnection, frame: Frame) {
    onFlow.call(this, frame);
    if (typeof frame.performative.handle === 'number') return;
    sessionOf(this, frame)?.each_sender(
      (sender) => sender.dispatch('sendable', sender._context()),
      (sender) => sender.is_open(),
    );
  };
}

function keepMessagesEncoded(connection: AmqpConnection, maxMessageSize: number): void {
  const onTransfer = connection.on_transfer;
  /** Bytes of unfinished messages. */
  const received = new WeakMap<object, number>();
  connection.on_transfer = function (this: AmqpConnection, frame: Frame) {
    const transfer = frame.performative;
    if (transfer.aborted === true) throw new RangeError('Aborted transfers are not supported');
    if (!transfer.message_format) transfer.message_format = rawMessageFormat;
    const receiver = sessionOf(this, frame)?.remote.handles[Number(transfer.handle)];
    frame.payload ??= Buffer.alloc(0);
    if (receiver) {
      const before = receiver._incomplete ? (received.get(receiver) ?? 0) : 0;
      if (before > maxMessageSize) frame.payload = Buffer.alloc(0);
      received.set(receiver, before + frame.payload.length);
    }
    onTransfer.call(this, frame);
  };
}

function sessionOf(connection: AmqpConnection, frame: Frame): AmqpSession | undefined {
  return connection.remote_channel_map[frame.channel];
}

/**
 * Ten bytes can claim four thousand million items, and rhea makes room for as many as are claimed, or goes on past the end
 * where a type's items are cut out rather than read. This concerns all of rhea.
 */
function limitItemCounts(): void {
  const { prototype } = amqpTypes.Reader;
  const { read_array_items: readArrayItems, read_n: readItems } = prototype;
  if (readItems.name === 'readLimitedItems') return;
  prototype.read_array_items = function readLimitedArrayItems(count, type) {
    const possible = type.width === 0 ? mostEmptyItems : this.remaining() / type.width;
    if (count > possible) throw new RangeError(`An array of ${count} items in ${this.remaining()} bytes`);
    return readArrayItems.call(this, count, type);
  };
  prototype.read_n = function readLimitedItems(count) {
    if (count > this.remaining()) throw new RangeError(`${count} items in ${this.remaining()} bytes`);
    return readItems.call(this, count);
  };
}
