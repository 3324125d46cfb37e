import type { Instant } from '../contracts/instants.ts';
import type { HistoryEntry } from '../lifecycle/settlement.ts';
import type { TokenIdentity } from '../lifecycle/state.ts';
import type { StoredRow } from './inventory.ts';
import type { StoredState } from './token-records.ts';

/** A row of a record, as it was read. */
export interface KeptRow {
  readonly key: string;
  readonly etag: string;
}

/** All that there is of a token's record. */
export interface RecordRemains {
  /** Missing: there is no state, and so no record. */
  readonly stored?: StoredState;
  readonly history: readonly (KeptRow & { readonly entry: HistoryEntry })[];
  /** Commands with an outcome. */
  readonly ended: readonly (KeptRow & { readonly endedAt: Instant })[];
  /** By the adapters' clock. */
  readonly lease?: KeptRow & { readonly until: Instant };
  /** Rows that say nothing any more. */
  readonly empty: readonly KeptRow[];
  /** Whether anything is still to be done or told: a command, an event, an observation, or what this release does not know. */
  readonly waits: boolean;
}

/** Clears away what records keep. @throws ServiceFailure from every method */
export interface RecordRetention {
  readRemains(token: TokenIdentity): Promise<RecordRemains>;
  /** Newest first. */
  readHistoryRows(token: TokenIdentity): Promise<RecordRemains['history']>;
  /** Whatever they say by now. Rows that are gone already are none the worse. */
  removeRows(token: TokenIdentity, keys: readonly string[]): Promise<void>;
  /** Ends a command's row, if the command has ended. False: it waits, or ended after `before`. */
  removeEndedCommand(token: TokenIdentity, key: string, before: Instant): Promise<boolean>;
  /** One row, if it is still as it was read. False: it is not. */
  removeUnchanged(token: TokenIdentity, row: KeptRow): Promise<boolean>;
  /** The state, and with it the record, if it is still as it was read. False: it is not. */
  removeState(stored: StoredState): Promise<boolean>;
}

/** A request in the index, found by when it came. */
export interface AgedRequest {
  readonly entrance: string;
  readonly key: string;
  readonly enqueuedAt: Instant;
}

/** Clears away the index of requests. @throws ServiceFailure from every method */
export interface RequestRetention {
  /** What came by an entrance in hours that were over before a moment; the oldest first. */
  listAged(entrance: string, before: Instant): AsyncIterable<AgedRequest>;
  removeRequest(request: AgedRequest): Promise<void>;
}

/** Clears away rows of the inventory. @throws ServiceFailure from every method */
export interface InventoryRetention {
  /** Makes a row say that nothing is known of the token, as if somebody had just asked. Undefined: it has changed. */
  resetRow(earlier: StoredRow): Promise<StoredRow | undefined>;
  /** False: it has changed. */
  removeRow(earlier: StoredRow): Promise<boolean>;
}

/** Clears away orchestrations. @throws ServiceFailure from every method */
export interface LifecycleRetention {
  /** Ends a lifecycle and forgets it; nothing to do is done, too. False: it has not ended yet, and is to be asked again. */
  remove(token: TokenIdentity): Promise<boolean>;
}
