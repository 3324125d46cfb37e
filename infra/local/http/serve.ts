import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { PartName } from '../control/parts.ts';
import type { ListenAddress, PartContext } from '../part.ts';
import { type ErrorAnswer, faultsAndHistory } from './faults-and-history.ts';
import { listen } from './listen.ts';

/** What a part's handlers may tell about a request, for its history: `context.set('operation', …)`. */
export interface RequestFacts {
  operation: string | undefined;
  identity: string | undefined;
}

export interface PartEnvironment {
  Bindings: HttpBindings;
  Variables: RequestFacts;
}

export type PartApp = Hono<PartEnvironment>;
export type PartRequest = Context<PartEnvironment>;

export function createPartApp(): PartApp {
  return new Hono<PartEnvironment>({ strict: false });
}

export interface ServeOptions {
  readonly part: PartName;
  readonly app: PartApp;
  readonly address: ListenAddress;
  /** With it the server speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Builds an error answer of the part's own shape, for injected faults, unknown paths and unexpected errors. */
  readonly errorAnswer: ErrorAnswer;
  readonly context: PartContext;
}

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves one part over HTTP(S), with the faults that are injected for it, and remembers its requests. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { part, app, address, tls, errorAnswer, context } = options;
  const front = new Hono<PartEnvironment>({ strict: false });
  front.use(faultsAndHistory(part, errorAnswer, context));
  front.route('/', app);
  front.notFound(() => errorAnswer({ status: 404 }));
  front.onError((error) => {
    process.stderr.write(`${part}: ${error.stack ?? error.message}\n`);
    return errorAnswer({ status: 500 });
  });

  const listener = getRequestListener(front.fetch, { overrideGlobalObjects: false });
  const server = tls
    ? createHttpsServer({ key: tls.key, cert: tls.cert }, listener)
    : createHttpServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    if (!context.faults.isReachable(part)) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const cutConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  const stopListening = context.faults.onReachabilityChange(() => {
    if (!context.faults.isReachable(part)) cutConnections();
  });
  const port = await listen(server, address, part);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        stopListening();
        server.close(() => resolve());
        cutConnections();
      }),
  };
}
