import type { Instant } from '../contracts/instants.ts';
import { millisecondsBetween, minute, plus } from '../lifecycle/instant-arithmetic.ts';
import type { WriteLimits } from '../ports/call-limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lease, TokenLeases } from '../ports/token-leases.ts';
import { StepStopped } from './step-stopped.ts';

/** Short, so that after a crash the next attempt need not wait for long; work that takes longer renews it. */
const length = 3 * minute;
/** Nothing is begun in the last minute, so that clocks may differ and calls may take their time. */
const margin = minute;

export function leaseEnd(clock: Clock): Instant {
  return plus(clock.now().toISOString(), length);
}

/** A lease while a step works under it. */
export class HeldLease {
  readonly #leases: TokenLeases;
  readonly #clock: Clock;
  #lease: Lease;

  constructor(leases: TokenLeases, clock: Clock, lease: Lease) {
    this.#leases = leases;
    this.#clock = clock;
    this.#lease = lease;
  }

  /** Until when a change made under the lease may be sent. */
  get limits(): WriteLimits {
    return { notAfter: plus(this.#lease.until, -margin) };
  }

  /** Renews it right before something that cannot be undone. @throws StepStopped `leaseLost` */
  async renew(): Promise<WriteLimits> {
    const renewed = await this.#leases.renewLease(this.#lease, leaseEnd(this.#clock));
    if (!renewed) throw new StepStopped('leaseLost');
    this.#lease = renewed;
    return this.limits;
  }

  /** Renews it if half of what can be used of it is over. @throws StepStopped `leaseLost` */
  async keep(): Promise<void> {
    const left = millisecondsBetween(this.#clock.now().toISOString(), this.#lease.until);
    if (left < margin + (length - margin) / 2) await this.renew();
  }

  release(): Promise<void> {
    return this.#leases.releaseLease(this.#lease);
  }
}
