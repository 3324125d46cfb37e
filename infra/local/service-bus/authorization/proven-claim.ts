import type { Claim } from './claim.ts';

/** The longest that a timer can wait, in milliseconds. */
const longestWait = 2 ** 31 - 1;

/**
 * What the client of one connection has proven with its latest token, until that token expires: by the machine's clock, which
 * tokens are dated by.
 */
export class ProvenClaim {
  readonly #listeners = new Set<() => void>();
  #claim: Claim | undefined;
  #timer: NodeJS.Timeout | undefined;

  get current(): Claim | undefined {
    return this.#claim;
  }

  /** A newer token replaces the one before. */
  grant(claim: Claim): void {
    this.#claim = claim;
    this.#awaitExpiry(claim);
  }

  /** Calls the listener when a token expires before there was a newer one; returns how to take it off. */
  onExpired(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For the end of the connection. */
  end(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #awaitExpiry(claim: Claim): void {
    clearTimeout(this.#timer);
    const left = claim.expiresAt - Date.now();
    if (left > 0)
      this.#timer = setTimeout(() => this.#awaitExpiry(claim), Math.min(left, longestWait)).unref();
    else this.#expire();
  }

  #expire(): void {
    this.#claim = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}
