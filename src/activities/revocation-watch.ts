import type { Instant } from '../contracts/instants.ts';
import type { PendingCommand } from '../lifecycle/command-order.ts';
import { millisecondsBetween, second } from '../lifecycle/instant-arithmetic.ts';
import type { Clock } from '../ports/clock.ts';
import { StepStopped } from './step-stopped.ts';

/** Work that goes on faster than this looks for a revocation only so often. */
const shortestPause = second;

/** Looks for a revocation of a token while a step works on it. */
export class RevocationWatch {
  readonly #readPending: () => Promise<readonly PendingCommand[]>;
  readonly #clock: Clock;
  #lookedAt: Instant;

  /** @param seenAt since when nobody has looked: the commands that waited then were read already */
  constructor(readPending: () => Promise<readonly PendingCommand[]>, clock: Clock, seenAt: Instant) {
    this.#readPending = readPending;
    this.#clock = clock;
    this.#lookedAt = seenAt;
  }

  /** Looks. @throws StepStopped `revocationPending` */
  async stopIfRevoked(): Promise<void> {
    this.#lookedAt = this.#now();
    stopIfAmong(await this.#readPending());
  }

  /** Looks, unless that was done less than a second ago. @throws StepStopped `revocationPending` */
  async stopIfRevokedLately(): Promise<void> {
    if (millisecondsBetween(this.#lookedAt, this.#now()) >= shortestPause) await this.stopIfRevoked();
  }

  #now(): Instant {
    return this.#clock.now().toISOString();
  }
}

/** @throws StepStopped `revocationPending` */
export function stopIfAmong(pending: readonly PendingCommand[]): void {
  const revoked = pending.some(({ command }) => command.type === 'keyturn.token.revocation-requested');
  if (revoked) throw new StepStopped('revocationPending');
}
