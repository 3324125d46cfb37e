import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/** One HTTP request, all of it, as a server in this process got it. */
export interface TappedRequest {
  /** Port of the server. */
  readonly port: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const started = 'http.server.request.start';

/** Writes down every HTTP request that is sent to servers in this process, byte by byte, until it is closed. */
export class RequestTap {
  readonly #taken: { readonly request: IncomingMessage; readonly port: number; readonly chunks: Buffer[] }[] =
    [];
  readonly #listener = (message: unknown) => this.#take((message as { request: IncomingMessage }).request);

  constructor() {
    subscribe(started, this.#listener);
  }

  requests(): TappedRequest[] {
    return this.#taken.map(({ request, port, chunks }) => ({
      port,
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
    }));
  }

  close(): void {
    unsubscribe(started, this.#listener);
  }

  /** Node's parser hands each part of a body to `push`, whoever reads it afterwards. */
  #take(request: IncomingMessage): void {
    const chunks: Buffer[] = [];
    this.#taken.push({ request, port: request.socket.localPort ?? 0, chunks });
    const push = request.push.bind(request);
    request.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      return push(chunk, encoding);
    };
  }
}
