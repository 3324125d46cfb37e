import type { Socket } from 'node:net';
import { guardConnection, holdWriting } from './amqp/guard-connection.ts';
import type { AmqpConnection, AmqpErrorFields } from './amqp/rhea.ts';
import { identityName } from './authorization/claim.ts';
import { ProvenClaim } from './authorization/proven-claim.ts';
import { type Broker, maxFrameSize, maxMessageSize } from './broker.ts';
import { attachReceiving, attachSending, type LinkHost } from './links/attach-links.ts';
import type { ClientOperation } from './links/client-link.ts';
import { LinkEnds } from './links/link-ends.ts';
import { ReplyLinks } from './links/reply-links.ts';
import { framingError, type ServiceBusError } from './service-bus-error.ts';

/** One client's connection, from its first byte to the end of its socket. */
export class ClientConnection implements LinkHost {
  readonly broker: Broker;
  readonly replyLinks = new ReplyLinks();
  readonly linkEnds = new LinkEnds();
  readonly provenClaim = new ProvenClaim();
  readonly #connection: AmqpConnection;
  readonly #socket: Socket;

  constructor(connection: AmqpConnection, socket: Socket, broker: Broker) {
    this.broker = broker;
    this.#connection = connection;
    this.#socket = socket;
    connection.accept(socket);
    guardConnection(connection, socket, {
      maxFrameSize,
      maxMessageSize,
      onFailure: (error) => this.#fail(error),
    });
    this.#listen();
  }

  /** Cuts the connection without a word. Its receivers get nothing more from this moment on. */
  cut(): void {
    this.#end();
    this.#socket.destroy();
  }

  run(operation: ClientOperation): void {
    const identity = identityName(this.provenClaim.current);
    this.broker.gate.run({ ...operation, identity, cut: () => this.cut() });
  }

  inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#fail(error));
  }

  #listen(): void {
    const connection = this.#connection;
    connection.on('connection_open', () => this.#open());
    connection.on('sender_open', ({ sender }) => attachReceiving(sender, this));
    connection.on('receiver_open', ({ receiver }) => attachSending(receiver, this));
    connection.on('session_close', ({ session }) => this.linkEnds.endSession(session));
    connection.on('connection_close', () => this.#end());
    connection.on('disconnected', () => this.#end());
    connection.on('protocol_error', () => this.#refuseFrame());
    connection.on('error', () => this.#refuseFrame());
    // rhea takes an error that nobody listens for as fatal, also one that a client sends.
    for (const event of ['connection_error', 'session_error', 'sender_error', 'receiver_error'])
      connection.on(event, () => {});
    this.#socket.once('close', () => {
      this.#end();
      connection.eof();
    });
  }

  #end(): void {
    this.linkEnds.endAll();
    this.provenClaim.end();
  }

  #open(): void {
    const release = holdWriting(this.#connection);
    this.run({
      request: 'open',
      perform: () => {},
      answer: (error) => {
        if (error) this.#connection.close(connectionForced(error));
        release();
      },
    });
  }

  /** Bytes that are not AMQP, or make no sense: the connection ends, and other connections go on. */
  #refuseFrame(): void {
    this.run({ request: 'frame', perform: refuseFrame, answer: () => this.cut() });
  }

  /** A mistake of the broker itself costs the connection that met it, and nothing else. */
  #fail(error: unknown): void {
    process.stderr.write(`service-bus: ${error instanceof Error ? error.stack : String(error)}\n`);
    this.cut();
  }
}

/** After a close with any other condition the JS client would never open a connection again. */
function connectionForced({ condition, description }: ServiceBusError): AmqpErrorFields {
  return { condition: 'amqp:connection:forced', description: `${condition}: ${description}` };
}

function refuseFrame(): never {
  throw framingError('A frame was malformed or out of order.');
}
