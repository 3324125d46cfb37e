import type { Drift } from '../contracts/event-data.ts';
import type { Severity } from '../contracts/events.ts';
import type { Finding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { Page, PageRequest } from './token-records.ts';

/** A finding that is open. Of a token it follows from the token's record; of a registry this is all there is. */
export interface OpenFinding {
  /** The registry's name in the configuration. */
  readonly registry: string;
  readonly loginServer: string;
  /** Missing: the registry as a whole. */
  readonly token?: string;
  readonly entrance?: string;
  readonly owner?: string;
  readonly severity: Exclude<Severity, 'info'>;
  readonly drift: Drift;
}

export interface FindingsFilter {
  readonly registry: string;
  readonly finding?: Finding | undefined;
  readonly token?: string | undefined;
  /** Of tokens of these entrances, and of registries and tokens that belong to none if `unowned`. */
  readonly entrances?: readonly string[] | undefined;
  readonly unowned?: boolean | undefined;
  /** What comes after this one in the list. */
  readonly after?: { readonly token?: string | undefined; readonly finding: Finding } | undefined;
}

/**
 * The open findings of all tokens and registries, for lists and for the circuit breaker.
 *
 * @throws ServiceFailure from every method
 */
export interface Findings {
  /** What is open of one managed token; all else that was is gone. */
  replaceOfToken(
    token: Pick<TokenIdentity, 'registry' | 'token'>,
    open: readonly OpenFinding[],
  ): Promise<void>;
  /** In the order of tokens' names, and of each in the order of the findings'; what registries as a whole show comes last. */
  listFindings(filter: FindingsFilter, request: PageRequest): Promise<Page<OpenFinding>>;
  /**
   * On how many managed tokens of a registry a finding was opened since then, by its `since`, whether or not it is gone
   * again; counts no further than `limit`.
   */
  countSince(registry: string, finding: Finding, since: Instant, limit: number): Promise<number>;
  /** Of managed tokens, what has been gone since before then, by the adapters' clock, is no longer kept to be counted. */
  forgetGone(registry: string, before: Instant): Promise<void>;
}
