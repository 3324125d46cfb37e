import type { Instant } from '../contracts/instants.ts';

/** Until when a call to a service may go on. Every adapter has a time limit of its own beside them. */
export interface CallLimits {
  /** Ends the call; what was asked may have happened all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** Limits of a call that changes something. */
export interface WriteLimits extends CallLimits {
  /**
   * The end of the lease under which the change is made: checked last before the request is sent, so that a process
   * that was frozen for longer changes nothing when it goes on (`tooLate`).
   */
  readonly notAfter?: Instant | undefined;
}
