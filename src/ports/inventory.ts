import type { TokenFinding } from '../contracts/findings.ts';
import type { Instant } from '../contracts/instants.ts';
import type { Slot } from '../lifecycle/credential.ts';
import type { Believed } from '../lifecycle/drift/believed.ts';
import type { Status } from '../lifecycle/state.ts';
import type { Page, PageRequest } from './token-records.ts';

/** What lists show of a token, and what reconcile looks at. Follows from the token's record. */
export interface InventoryRow {
  /** The registry's name in the configuration. */
  readonly registry: string;
  readonly token: string;
  readonly status: Status;
  /** Number of the plan that the row tells the result of; a row of an earlier plan does not replace it. */
  readonly plan: number;
  readonly entrance?: string;
  readonly owner?: string;
  readonly slot?: Slot;
  readonly generation?: number;
  readonly expiresAt?: Instant;
  readonly nextRotation?: Instant;
  readonly secretUri?: string;
  /** What the registry and the vault are believed to hold of it; missing where there is nothing to compare. */
  readonly believed?: Believed;
  /** What is known to be wrong with it. */
  readonly findings?: readonly TokenFinding[];
  /** Of these findings in all details, as they were listed last. */
  readonly findingsDigest?: string;
  /** Some work for it failed, and is tried again. */
  readonly failing?: true;
  /** Some work for it waits for a person. */
  readonly parked?: true;
  /** When the lifecycle promised to act next. */
  readonly lookAt?: Instant;
  /** Since when a command has waited for it. */
  readonly pendingSince?: Instant;
  /** The entrance by which the token was requested, while that request waits. */
  readonly requestedBy?: string;
  /** When that was written down here. */
  readonly requestedAt?: Instant;
}

/** A row as it was read; what is written next is conditional on it. */
export interface StoredRow {
  readonly row: InventoryRow;
  readonly etag: string;
}

export interface InventoryFilter {
  readonly registry: string;
  readonly entrance?: string | undefined;
  /** Of these entrances. Of many, the list may have rows of other entrances as well. */
  readonly entrances?: readonly string[] | undefined;
  /** Tokens whose names come after this one. */
  readonly after?: string | undefined;
  readonly status?: Status | undefined;
  readonly expiresBefore?: Instant | undefined;
  /** Without what is believed of each: to count or to show rows, that is not needed. */
  readonly brief?: boolean | undefined;
}

/**
 * The read model for lists: never the truth, and rebuilt from the records if need be.
 *
 * @throws ServiceFailure from every method
 */
export interface Inventory {
  readRow(registry: string, token: string): Promise<StoredRow | undefined>;
  /**
   * Writes a row if it is still as it was read (`earlier`; undefined: if there is none). False: it is not. What was
   * read before the pending commands were may be written with `pendingSince` left out: a command that came since
   * has changed the row.
   */
  writeRow(row: InventoryRow, earlier: StoredRow | undefined): Promise<boolean>;
  /** Says that a command waits, unless an older one does; and by which entrance, if it requests the token. */
  markPending(registry: string, token: string, since: Instant, requestedBy?: string): Promise<void>;
  /** Tokens that promised to act before `lookAt`, or have had a command pending since before `pendingSince`. */
  listLate(
    registry: string,
    before: { readonly lookAt: Instant; readonly pendingSince: Instant },
  ): AsyncIterable<InventoryRow>;
  /** How many tokens of a registry are managed; may be some minutes old. */
  countManaged(registry: string): Promise<number>;
  /** All rows of a registry, in the order of names in lower case, page by page as they are read. */
  listAll(registry: string): AsyncIterable<InventoryRow>;
  /** In the order of names. */
  listRows(filter: InventoryFilter, request: PageRequest): Promise<Page<InventoryRow>>;
  /**
   * How many tokens of an entrance there are that are not deleted, or were marked as requested before the one that is
   * asked for and wait to be made: of requests that come together no more pass than fit. Counts no further than `limit`. Exact
   * from nine tenths of it on; below, each ask may count as one, and what was added elsewhere in the last 30 s may be
   * missing.
   */
  countTokens(
    entrance: string,
    limit: number,
    askedFor: Pick<InventoryRow, 'registry' | 'token'>,
  ): Promise<number>;
}
