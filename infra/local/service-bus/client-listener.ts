import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Faults } from '../control/faults.ts';
import { listen } from '../http/listen.ts';
import type { ListenAddress } from '../part.ts';
import { type AmqpContainer, createContainer } from './amqp/rhea.ts';
import { type Broker, idleTimeOut, maxFrameSize } from './broker.ts';
import { ClientConnection } from './client-connection.ts';

export interface ClientListenerOptions {
  readonly address: ListenAddress;
  /** With it the listener speaks TLS. Texts are PEM. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly broker: Broker;
  readonly faults: Faults;
}

export interface ClientListener {
  readonly port: number;
  close(): Promise<void>;
}

const connectionOptions = {
  max_frame_size: maxFrameSize,
  idle_time_out: idleTimeOut,
  /** Deliveries per session that may wait to be settled; rhea's own 2048 is fewer than a client may hold locked. */
  session_buffer_size: { incoming: 2048, outgoing: 8192 },
  sender_options: { treat_modified_as_released: false },
  receiver_options: { autoaccept: false, credit_window: 0 },
};

/** Listens for AMQP clients. While the part is unreachable, connections are cut and new ones too. */
export async function listenForClients(options: ClientListenerOptions): Promise<ClientListener> {
  const { address, tls, broker, faults } = options;
  const container = createBrokerContainer();
  const sockets = new Set<Socket>();
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const serve = (socket: Socket) => {
    new ClientConnection(container.create_connection(connectionOptions), socket, broker);
  };
  const server: Server = tls
    ? createTlsServer({ key: tls.key, cert: tls.cert, noDelay: true }).on('secureConnection', serve)
    : createServer({ noDelay: true }).on('connection', serve);
  server.prependListener('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (!faults.isReachable('service-bus')) socket.destroy();
  });
  const stopListening = faults.onReachabilityChange(() => {
    if (!faults.isReachable('service-bus')) cutAll();
  });
  const port = await listen(server, address, 'Service Bus');
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        stopListening();
        server.close(() => resolve());
        cutAll();
      }),
  };
}

function createBrokerContainer(): AmqpContainer {
  const container = createContainer({ id: 'keyturn-local-service-bus' });
  const mechanisms = container.sasl_server_mechanisms;
  mechanisms.enable_anonymous();
  // What .NET asks for; it means the same.
  if (mechanisms.ANONYMOUS) mechanisms.MSSBCBS = mechanisms.ANONYMOUS;
  return container;
}
