import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';

/** The right to change one token, until a moment by the adapters' clock. */
export interface Lease {
  readonly token: TokenIdentity;
  /** Different for every attempt of an activity. */
  readonly holder: string;
  readonly until: Instant;
  readonly etag: string;
}

export type LeaseRequest = Pick<Lease, 'holder' | 'until'>;

/** @throws ServiceFailure from every method */
export interface TokenLeases {
  /** Takes a lease that is free, or whose time is over. */
  takeLease(
    token: TokenIdentity,
    request: LeaseRequest,
  ): Promise<
    { readonly taken: true; readonly lease: Lease } | { readonly taken: false; readonly until: Instant }
  >;
  /** Whoever holds it loses it. */
  takeOverLease(token: TokenIdentity, request: LeaseRequest): Promise<Lease>;
  /** Undefined: it was lost. Also a lease whose time is over is renewed, unless somebody took it since. */
  renewLease(lease: Lease, until: Instant): Promise<Lease | undefined>;
  /** Gives it back, unless it was lost. */
  releaseLease(lease: Lease): Promise<void>;
}
