import { tokenKey } from '../../../src/contracts/names.ts';
import type { TokenIdentity } from '../../../src/lifecycle/state.ts';
import type { Lease, LeaseRequest, TokenLeases } from '../../../src/ports/token-leases.ts';
import type { MemoryClock } from './memory-clock.ts';

/** Leases in memory. */
export class MemoryLeases implements TokenLeases {
  readonly held = new Map<string, Lease>();
  readonly #clock: MemoryClock;
  #etags = 0;

  constructor(clock: MemoryClock) {
    this.#clock = clock;
  }

  async takeLease(token: TokenIdentity, request: LeaseRequest) {
    const held = this.held.get(keyOf(token));
    if (held && held.until > this.#clock.instant()) return { taken: false, until: held.until } as const;
    return { taken: true, lease: this.#write(token, request) } as const;
  }

  async takeOverLease(token: TokenIdentity, request: LeaseRequest): Promise<Lease> {
    return this.#write(token, request);
  }

  async renewLease({ token, holder, etag }: Lease, until: string): Promise<Lease | undefined> {
    return this.held.get(keyOf(token))?.etag === etag ? this.#write(token, { holder, until }) : undefined;
  }

  async releaseLease({ token, etag }: Lease): Promise<void> {
    if (this.held.get(keyOf(token))?.etag === etag) this.held.delete(keyOf(token));
  }

  #write(token: TokenIdentity, { holder, until }: LeaseRequest): Lease {
    this.#etags += 1;
    const lease = { token, holder, until, etag: `lease-${this.#etags}` };
    this.held.set(keyOf(token), lease);
    return lease;
  }
}

function keyOf({ loginServer, token }: TokenIdentity): string {
  return tokenKey(loginServer, token);
}
