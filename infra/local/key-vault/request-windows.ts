import type { Clock } from '../clock.ts';
import { throttled } from './key-vault-error.ts';

const windowMilliseconds = 10_000;

/** How many requests of each kind a vault answers in 10 s. */
export interface RequestAllowance {
  readonly creations: number;
  readonly others: number;
  readonly retryAfter: boolean;
}

/** Counts a vault's requests in windows of 10 s of the local cloud's clock, and refuses what is too much. */
export class RequestWindows {
  #startedAt = Number.NEGATIVE_INFINITY;
  #counts = { creations: 0, others: 0 };
  readonly #clock: Clock;
  readonly #allowance: RequestAllowance;

  constructor(clock: Clock, allowance: RequestAllowance) {
    this.#clock = clock;
    this.#allowance = allowance;
  }

  /** @throws KeyVaultError when the present window has no room for another request of this kind. */
  count(kind: 'creations' | 'others'): void {
    const now = this.#clock.now().getTime();
    if (now >= this.#startedAt + windowMilliseconds) this.#open(now);
    if (this.#counts[kind] >= this.#allowance[kind]) {
      const left = Math.ceil((this.#startedAt + windowMilliseconds - now) / 1000);
      throw throttled(this.#allowance.retryAfter ? left : undefined);
    }
    this.#counts[kind] += 1;
  }

  reset(): void {
    this.#open(Number.NEGATIVE_INFINITY);
  }

  #open(now: number): void {
    this.#startedAt = now;
    this.#counts = { creations: 0, others: 0 };
  }
}
