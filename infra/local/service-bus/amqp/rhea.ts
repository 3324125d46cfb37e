import rhea from 'rhea';

/**
 * The AMQP library as far as the broker uses it. Its own declarations leave out what a server needs, so these are ours;
 * members that rhea does not document are marked, and are why its exact version is pinned.
 */

/** A decoded AMQP value that still knows its wire type. */
export interface Typed {
  readonly type: { readonly name: string; readonly typecode: number };
  readonly value: unknown;
  readonly descriptor?: Typed;
}

export interface AmqpErrorFields {
  readonly condition: string;
  readonly description: string;
}

export interface Reader {
  position: number;
  read(): Typed;
  remaining(): number;
  /** Undocumented. */
  read_array_items(count: number, type: { readonly width: number }): Typed[];
  /** Undocumented. */
  read_n(count: number): Typed[];
}

export interface Writer {
  write(value: Typed): void;
  write_bytes(bytes: Buffer): void;
  toBuffer(): Buffer;
}

interface AmqpTypes {
  readonly Reader: { new (bytes: Buffer): Reader; readonly prototype: Reader };
  readonly Writer: new () => Writer;
  wrap(value: unknown): Typed;
  wrap_int(value: number): Typed;
  wrap_uint(value: number): Typed;
  wrap_ulong(value: number): Typed;
  wrap_long(value: number): Typed;
  wrap_timestamp(milliseconds: number): Typed;
  wrap_uuid(bytes: Buffer): Typed;
  wrap_string(text: string): Typed;
  wrap_symbol(text: string): Typed;
  wrap_binary(bytes: Buffer): Typed;
  wrap_array(items: readonly unknown[], typecode: number): Typed;
  wrap_list(items: readonly unknown[]): Typed;
  described(descriptor: Typed, value: Typed): Typed;
  unwrap(value: Typed): unknown;
  readonly Map32: (items: readonly Typed[]) => Typed;
  readonly List32: (items: readonly Typed[]) => Typed;
}

interface Described {
  described(): Typed;
}

interface AmqpMessages {
  encode(message: object): Buffer;
  data_section(bytes: Buffer): unknown;
  accepted(): Described;
  rejected(fields: { error: AmqpErrorFields }): Described;
}

/** What an event tells; which members are there depends on the event. */
export interface AmqpContext {
  readonly connection: AmqpConnection;
  readonly sender: AmqpSender;
  readonly receiver: AmqpReceiver;
  readonly session: AmqpSession;
  readonly delivery: AmqpDelivery;
  /** Encoded, since `guardConnection` keeps rhea from decoding. */
  readonly message: Buffer;
  readonly format: number;
}

interface Emitter {
  on(event: string, listener: (context: AmqpContext) => void): this;
  removeAllListeners(event: string): this;
}

/** One message on its way to or from a client. */
export interface AmqpDelivery {
  readonly tag: Buffer;
  /** The outcome that the client sent: a composite whose `value` is its list of fields. */
  readonly remote_state?: { readonly value: readonly Typed[] };
  settled: boolean;
  remote_settled: boolean;
  update(settled: boolean, state: Typed): void;
}

interface Terminus {
  readonly address?: unknown;
  readonly filter?: unknown;
}

interface AmqpLink extends Emitter {
  readonly name: string;
  readonly session: AmqpSession;
  readonly connection: AmqpConnection;
  readonly source: Terminus | null;
  readonly target: Terminus | null;
  readonly snd_settle_mode: unknown;
  readonly rcv_settle_mode: unknown;
  readonly local: {
    readonly attach: { snd_settle_mode: unknown; rcv_settle_mode: unknown; max_message_size: unknown };
  };
  /** Undocumented. */
  credit: number;
  /** Undocumented. */
  delivery_count: number;
  set_source(fields: { address?: string }): void;
  set_target(fields: { address?: string }): void;
  close(error?: AmqpErrorFields): void;
  is_open(): boolean;
  /** Undocumented: writes what is due on the link. */
  _process?: (() => void) | undefined;
}

/** A link on which the client receives. */
export interface AmqpSender extends AmqpLink {
  send(message: Buffer, tag: Buffer, format: number): AmqpDelivery;
  set_drained(drained: boolean): void;
  /** Undocumented. */
  _draining: boolean;
  /** Undocumented: whether the flow about to be written answers a drain. */
  _get_drain: () => boolean;
  /** Undocumented. */
  dispatch(event: string, context: unknown): boolean;
  /** Undocumented. */
  _context(): unknown;
}

/** A link on which the client sends. */
export interface AmqpReceiver extends AmqpLink {
  add_credit(credit: number): void;
  set_credit_window(credit: number): void;
  /** Undocumented: the delivery of which only some frames have come. */
  readonly _incomplete?: object | undefined;
}

export interface AmqpSession {
  readonly connection: AmqpConnection;
  /** Undocumented. */
  readonly outgoing: { available(): number; transfer_window(): number };
  /** Undocumented. */
  readonly remote: { readonly handles: Readonly<Record<number, AmqpReceiver | undefined>> };
  each_sender(action: (sender: AmqpSender) => void, filter: (sender: AmqpSender) => boolean): void;
}

/** A decoded frame; a performative's fields are read and written through accessors. */
export interface Frame {
  readonly channel: number;
  payload?: Buffer;
  readonly performative: Record<string, unknown>;
}

export interface AmqpConnection extends Emitter {
  readonly remote: { readonly open?: { readonly hostname?: unknown } };
  accept(socket: object): void;
  close(error?: AmqpErrorFields): void;
  is_open(): boolean;
  /** Undocumented. */
  eof(): void;
  /** Undocumented. */
  _register(): void;
  /** Undocumented: whether `_process` is about to be called. */
  registered: boolean;
  /** Undocumented: writes what is due. */
  _process: () => void;
  /** Undocumented. */
  on_open: (frame: Frame) => void;
  /** Undocumented. */
  on_attach: (frame: Frame) => void;
  /** Undocumented. */
  on_flow: (frame: Frame) => void;
  /** Undocumented. */
  on_transfer: (frame: Frame) => void;
  /** Undocumented. */
  on_disposition: (frame: Frame) => void;
  /** Undocumented. */
  readonly remote_channel_map: Readonly<Record<number, AmqpSession | undefined>>;
  /** Undocumented: how many bytes the frame needs whose beginning this is. */
  readonly transport: { peek_size(bytes: Buffer): number | undefined };
}

export interface AmqpContainer {
  readonly sasl_server_mechanisms: { enable_anonymous(): void; [mechanism: string]: () => unknown };
  create_connection(options: object): AmqpConnection;
}

export const amqpTypes = rhea.types as unknown as AmqpTypes;
export const amqpMessages = rhea.message as unknown as AmqpMessages;

export function createContainer(options: object): AmqpContainer {
  return rhea.create_container(options) as unknown as AmqpContainer;
}
