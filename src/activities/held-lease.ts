import type { Configuration } from '../configuration/configuration.ts';
import { milliseconds } from '../contracts/durations.ts';
import type { Instant } from '../contracts/instants.ts';
import { millisecondsBetween, plus } from '../lifecycle/instant-arithmetic.ts';
import type { WriteLimits } from '../ports/call-limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lease, TokenLeases } from '../ports/token-leases.ts';
import { StepStopped } from './step-stopped.ts';

/** In milliseconds. */
export interface LeaseTimes {
  /** Short, so that after a crash the next attempt need not wait for long; work that takes longer renews it. */
  readonly length: number;
  /**
   * Nothing is begun in this last part of it, so that clocks may differ and calls may take their time. That no two
   * attempts change a token at once rests on this alone, whatever the length is.
   */
  readonly margin: number;
}

export function leaseTimes({ lease }: Pick<Configuration, 'lease'>): LeaseTimes {
  return { length: milliseconds(lease.length), margin: milliseconds(lease.margin) };
}

export function leaseEnd(clock: Clock, { length }: Pick<LeaseTimes, 'length'>): Instant {
  return plus(clock.now().toISOString(), length);
}

/** A lease while a step works under it. */
export class HeldLease {
  readonly #leases: TokenLeases;
  readonly #clock: Clock;
  readonly #times: LeaseTimes;
  #lease: Lease;

  constructor({ leases, clock }: { leases: TokenLeases; clock: Clock }, times: LeaseTimes, lease: Lease) {
    this.#leases = leases;
    this.#clock = clock;
    this.#times = times;
    this.#lease = lease;
  }

  /** Until when a change made under the lease may be sent. */
  get limits(): WriteLimits {
    return { notAfter: plus(this.#lease.until, -this.#times.margin) };
  }

  /** Renews it right before something that cannot be undone. @throws StepStopped `leaseLost` */
  async renew(): Promise<WriteLimits> {
    const renewed = await this.#leases.renewLease(this.#lease, leaseEnd(this.#clock, this.#times));
    if (!renewed) throw new StepStopped('leaseLost');
    this.#lease = renewed;
    return this.limits;
  }

  /** Half of what can be used of it, in milliseconds: work calls `keep` about as often. */
  get pace(): number {
    return (this.#times.length - this.#times.margin) / 2;
  }

  /** Renews it if half of what can be used of it is over. @throws StepStopped `leaseLost` */
  async keep(): Promise<void> {
    const left = millisecondsBetween(this.#clock.now().toISOString(), this.#lease.until);
    if (left < this.#times.margin + this.pace) await this.renew();
  }

  release(): Promise<void> {
    return this.#leases.releaseLease(this.#lease);
  }
}
