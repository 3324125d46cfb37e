import type { Actor } from '../contracts/event-data.ts';
import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { ReportedOperation } from '../registry-activity/registry-report.ts';

/** A change that Azure reported, which may have to do with the token. */
export interface ReportedChange {
  readonly operation: ReportedOperation;
  readonly at: Instant;
  readonly actor: Actor;
  /** Whose identity it was, whether or not the report shows one of Keyturn's request ids. */
  readonly by: 'keyturn' | 'others' | 'unknown';
}

/** That somebody should compare a token with what is believed of it. One per token: a second adds what it knows. */
export interface Observation {
  readonly noticedBy: 'report' | 'reconcile';
  /** When the first was added. */
  readonly at: Instant;
  /** The last few, oldest first, without repeats. */
  readonly reports: readonly ReportedChange[];
}

/** So many reports are kept with an observation: those of others are kept rather than our own, later ones rather than earlier. */
export const mostReports = 8;

/** @throws ServiceFailure from every method */
export interface TokenObservations {
  /** Adds to what is waiting to be looked at. The token's lifecycle has to be woken after it. */
  addObservation(token: TokenIdentity, observation: Observation): Promise<void>;
}
