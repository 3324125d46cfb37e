import type { PartRequest } from '../../http/serve.ts';
import { seededFraction } from '../seeded-fraction.ts';

/** The nodes behind a login server. Each new connection is served by one of them, as a load balancer would choose. */
export class Nodes {
  #connections = 0;
  readonly #count: number;
  readonly #seed: string;
  readonly #nodeOfSocket = new WeakMap<object, number>();

  constructor(count: number, seed: string) {
    this.#count = count;
    this.#seed = seed;
  }

  /** The node that serves the request's connection; a request without a connection gets one of its own. */
  nodeOf(context: PartRequest): number {
    const socket: object | undefined = context.env?.incoming?.socket;
    const known = socket && this.#nodeOfSocket.get(socket);
    if (known !== undefined) return known;
    this.#connections += 1;
    const node = Math.floor(seededFraction(this.#seed, 'connection', this.#connections) * this.#count);
    if (socket) this.#nodeOfSocket.set(socket, node);
    return node;
  }
}
