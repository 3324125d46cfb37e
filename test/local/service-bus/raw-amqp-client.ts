import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import rhea, {
  type Connection,
  type ConnectionOptions,
  type Delivery,
  type EventContext,
  type Receiver,
  type Sender,
} from 'rhea';
import { onTestFinished } from 'vitest';
import { readWireMessage, type WireMessage } from './wire-message.ts';

/** A client that writes the very frames it is told to, where the official clients would not. Ends with the test. */
export interface RawAmqpClient {
  readonly connection: Connection;
  /** Puts a token signed with the emulator's key, as every client does before it opens a link. */
  putToken(audience: string): Promise<WireMessage>;
  /** Asks something on a `$cbs` or `$management` node. */
  request(node: string, request: Readonly<Record<string, unknown>>): Promise<WireMessage>;
}

export interface RawDelivery {
  readonly message: WireMessage;
  readonly delivery: Delivery;
}

type Options = Readonly<Record<string, unknown>>;

export async function connectRaw(port: number, options: Options = {}): Promise<RawAmqpClient> {
  const container = rhea.create_container();
  for (const event of [
    'error',
    'disconnected',
    'connection_error',
    'protocol_error',
    'receiver_error',
    'sender_error',
  ])
    container.on(event, () => {});
  const connection = container.connect({
    host: '127.0.0.1',
    port,
    reconnect: false,
    username: 'anyone',
    ...options,
  } as ConnectionOptions);
  keepMessagesEncoded(connection);
  onTestFinished(() => connection.close());
  await once(connection, 'connection_open');
  let requests = 0;
  const request = async (node: string, message: Options): Promise<WireMessage> => {
    requests += 1;
    const replyTo = `reply-${requests}`;
    const replies = await attachReceiver(connection, { source: node, target: replyTo, autoaccept: true });
    const sender = await attachSender(connection, { target: node });
    const reply = nextMessage(replies);
    sender.send({ message_id: `request-${requests}`, reply_to: replyTo, ...message } as never);
    const answer = await reply;
    sender.close();
    replies.close();
    return answer.message;
  };
  const putToken = (audience: string) =>
    request('$cbs', {
      body: sharedAccessSignature(audience),
      application_properties: tokenProperties(audience),
    });
  return { connection, request, putToken };
}

export function tokenProperties(audience: string, type = 'servicebus.windows.net:sastoken'): Options {
  return { operation: 'put-token', type, name: audience };
}

export function sharedAccessSignature(
  audience: string,
  {
    key = 'SAS_KEY_VALUE',
    name = 'RootManageSharedAccessKey',
    expiry = Math.floor(Date.now() / 1000) + 3600,
  } = {},
): string {
  const resource = encodeURIComponent(audience);
  const signature = createHmac('sha256', key).update(`${resource}\n${expiry}`).digest('base64');
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${name}`;
}

/** Opens a link on which to receive; fails with the broker's error when it is refused. */
export async function attachReceiver(connection: Connection, options: Options): Promise<Receiver> {
  const receiver = connection.open_receiver({ autoaccept: false, ...options } as never);
  const refused = refusal(receiver, 'receiver_error');
  await Promise.race([once(receiver, 'receiver_open'), refused]);
  // A link that is refused is attached without source, and detached at once.
  if (!receiver.source) await refused;
  return receiver;
}

/** Opens a link on which to send and waits for credit; fails with the broker's error when it is refused. */
export async function attachSender(connection: Connection, options: Options): Promise<Sender> {
  const sender = connection.open_sender(options as never);
  await Promise.race([once(sender, 'sendable'), refusal(sender, 'sender_error')]);
  return sender;
}

export async function nextMessage(receiver: Receiver): Promise<RawDelivery> {
  const [{ message, delivery }] = (await once(receiver, 'message')) as [EventContext];
  if (!Buffer.isBuffer(message) || !delivery) throw new Error('messages come encoded');
  return { message: readWireMessage(message), delivery };
}

function refusal(link: Sender | Receiver, event: string): Promise<never> {
  const refused = new Promise<never>((_, reject) => {
    link.on(event, () => reject(link.error));
  });
  refused.catch(() => {});
  return refused;
}

/** rhea decodes only messages of format 0, and forgets their wire types. */
function keepMessagesEncoded(connection: Connection): void {
  const guarded = connection as unknown as {
    on_transfer(frame: { performative: { message_format?: number } }): void;
  };
  const onTransfer = guarded.on_transfer;
  guarded.on_transfer = function (frame) {
    frame.performative.message_format ||= 1;
    onTransfer.call(this, frame);
  };
}
