import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { listen } from '../../http/listen.ts';
import type { ListenAddress } from '../../part.ts';
import type { HostLog } from '../log/host-log.ts';
import { RequestRefused, type RequestTarget, requestTarget } from './http-request.ts';
import { answer } from './http-response.ts';

/** Answers one request; says no when it is not for it. */
export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  target: RequestTarget,
) => Promise<boolean>;

export interface HostServer {
  readonly port: number;
  /** Lets requests in; until then they wait. */
  open(handlers: readonly RequestHandler[]): void;
  /** Stops listening and cuts the connections on which nothing is being answered; the others are cut by `close`. */
  stopListening(): void;
  close(): Promise<void>;
}

/**
 * Listens at once, so that a taken port is told before the app is loaded; requests wait until the host is open, as with the
 * real host.
 * @throws UsageError when the port is taken.
 */
export async function startHostServer(address: ListenAddress, log: HostLog): Promise<HostServer> {
  const opened = Promise.withResolvers<readonly RequestHandler[]>();
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    try {
      await handle(request, response, await opened.promise);
    } catch (error) {
      answerFailure(response, error, log);
    }
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, address, 'the Functions host');
  return {
    port,
    open: (handlers) => opened.resolve(handlers),
    stopListening: () => {
      server.close();
      server.closeIdleConnections();
    },
    close: () =>
      new Promise((resolve) => {
        opened.resolve([]);
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: readonly RequestHandler[],
): Promise<void> {
  const target = requestTarget(request);
  for (const handler of handlers) if (await handler(request, response, target)) return;
  request.resume();
  answer(response, 404);
}

function answerFailure(response: ServerResponse, error: unknown, log: HostLog): void {
  if (response.headersSent || response.destroyed) return;
  answer(response, error instanceof RequestRefused ? error.status : 500);
  if (error instanceof RequestRefused) return;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const text = `a request could not be answered: ${message}`;
  log.write({ level: 'error', category: 'Host.Server', message: text, stack });
}
