import type { PartName } from './parts.ts';

/** One request that a part has answered or refused. It holds no body, and so no secret. */
export interface RequestRecord {
  /** Counts all requests of the local cloud, from 1. */
  readonly sequence: number;
  /** Time of the local cloud, ISO 8601, UTC. */
  readonly at: string;
  readonly part: PartName;
  /** What was asked, as faults match it: `GET /path?query`, or for Service Bus `complete queue-name`. */
  readonly request: string;
  /** The permission that it needs, in Azure's words, where the service has such: `Microsoft.ContainerRegistry/registries/tokens/write`. */
  readonly operation?: string;
  /** Name of the identity that asked, where one is proven. */
  readonly identity?: string;
  /** The caller's `x-ms-client-request-id`. */
  readonly clientRequestId?: string;
  /** The HTTP status, or for Service Bus `accepted` or the error condition; absent when the connection was dropped. */
  readonly outcome?: number | string;
  /** The kind of injected fault that it met. */
  readonly fault?: string;
}

export type NewRequestRecord = Omit<RequestRecord, 'sequence' | 'at'>;

/** The latest requests to all parts, oldest first. */
export class RequestHistory {
  #sequence = 0;
  #records: RequestRecord[] = [];
  readonly #now: () => Date;
  readonly #capacity: number;

  constructor(now: () => Date, capacity = 50_000) {
    this.#now = now;
    this.#capacity = capacity;
  }

  add(record: NewRequestRecord): void {
    this.#sequence += 1;
    this.#records.push({ sequence: this.#sequence, at: this.#now().toISOString(), ...record });
    if (this.#records.length > this.#capacity * 1.2) this.#records = this.#records.slice(-this.#capacity);
  }

  /** The records after a sequence number, of one part or of all. */
  list(filter: { part?: PartName | undefined; after?: number | undefined } = {}): RequestRecord[] {
    const { part, after = 0 } = filter;
    return this.#records.filter((record) => record.sequence > after && (!part || record.part === part));
  }

  clear(): void {
    this.#records = [];
  }
}
