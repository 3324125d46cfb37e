import { randomInt } from 'node:crypto';

const TICKS_PER_MILLISECOND = 10_000n;

/**
 * Gives the times of things that happen in the registry as Azure writes them, to 100 nanoseconds, without the zeros at the end:
 * `2025-09-09T08:21:25.222912+00:00`. No two of them are the same.
 */
export class AzureTimestamps {
  #last = 0n;

  next(now: Date): string {
    const earliest = BigInt(now.getTime()) * TICKS_PER_MILLISECOND + BigInt(randomInt(10_000));
    this.#last = earliest > this.#last ? earliest : this.#last + BigInt(randomInt(1, 100));
    const seconds = wholeSeconds(new Date(Number(this.#last / TICKS_PER_MILLISECOND)));
    const fraction = String(this.#last % (1000n * TICKS_PER_MILLISECOND))
      .padStart(7, '0')
      .replace(/0+$/, '');
    return fraction ? `${seconds}.${fraction}+00:00` : `${seconds}+00:00`;
  }
}

/** An instant as Azure echoes the expiry of a password: in whole seconds. */
export function azureSeconds(instant: Date): string {
  return `${wholeSeconds(instant)}+00:00`;
}

function wholeSeconds(instant: Date): string {
  return instant.toISOString().slice(0, -'.000Z'.length);
}
