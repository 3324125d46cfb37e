import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { openCertificates } from '../../infra/local/certificates.ts';

export interface ReceivedCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** When it arrived, in milliseconds of the machine's clock. */
  readonly at: number;
}

/** How the receiver answers: a status and headers, or not at all. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'nothing'
  | 'drop';

/** A webhook of somebody else: https with a certificate of the local authority, on 127.0.0.1. */
export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  answer: (call: ReceivedCall) => Answer = () => ({ status: 200 });
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param certificatesFolder of the local authority */
  static async start(certificatesFolder: string): Promise<WebhookReceiver> {
    const { cert, key } = await openCertificates(certificatesFolder);
    const server = createServer({ cert, key });
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const call = { path: request.url ?? '', headers: request.headers, body, at: Date.now() };
        receiver.calls.push(call);
        const answer = receiver.answer(call);
        if (answer === 'drop') request.socket.destroy();
        else if (answer !== 'nothing')
          response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
        for (const look of receiver.#waiting) look();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Host and port, as in `allowedHosts`. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** What came to one path, as JSON. */
  to<Body>(path: string): Body[] {
    return this.calls.filter((call) => call.path === path).map(({ body }) => JSON.parse(body) as Body);
  }

  /** Resolves when the calls are as wanted. @throws Error that lists them, after the limit in milliseconds */
  async until(what: string, isWanted: () => boolean, limit = 60_000): Promise<void> {
    if (isWanted()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!isWanted()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const came = this.calls.map(({ path, body }) => `${path} ${body.slice(0, 200)}`).join('\n');
        reject(new Error(`${what}: not within ${limit} ms. Calls:\n${came}`));
      }, limit);
      this.#waiting.add(look);
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
