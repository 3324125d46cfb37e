import type { KeyturnEvent } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';
import type { PendingCommand } from '../lifecycle/command-order.ts';
import type { StoredObservation } from '../lifecycle/drift/observation.ts';
import type { CommandOutcome, HistoryEntry, Settlement } from '../lifecycle/settlement.ts';
import type { TokenIdentity, TokenState } from '../lifecycle/state.ts';
import type { TokenObservations } from './token-observations.ts';

/** A token's state as it was read; what is written next is conditional on it. */
export interface StoredState {
  readonly state: TokenState;
  /** Changes with every write. */
  readonly etag: string;
}

/** A command as it is accepted. */
export interface AcceptedCommand extends PendingCommand {
  /** `contentDigest` of the command. */
  readonly digest: string;
  readonly acceptedAt: Instant;
}

/** What became of a command so far. */
export interface CommandStatus {
  readonly key: string;
  readonly entrance: string;
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly acceptedAt: Instant;
  /** Missing: it is pending. */
  readonly outcome?: CommandOutcome;
}

export interface OutboxEvent {
  /** By which it is removed. */
  readonly key: string;
  readonly event: KeyturnEvent;
}

/** What there is to plan by: the commands are all that were accepted by the time when the state was read. */
export interface TokenRecord {
  /** Missing: nobody has asked for the token yet. */
  readonly stored?: StoredState;
  /** Accepted commands without an outcome, in any order. */
  readonly pending: readonly PendingCommand[];
  /** Events that are still to be sent, in their order. */
  readonly outbox: readonly OutboxEvent[];
  /** That the token should be compared with what is believed of it. */
  readonly observed?: StoredObservation;
}

/** Some of a list, and where the rest begins. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly continuation?: string;
}

export interface PageRequest {
  readonly pageSize: number;
  readonly continuation?: string | undefined;
}

export interface HistoryRequest extends PageRequest {
  /** Begins with the entries of this plan; newer ones are left out. */
  readonly fromPlan?: number | undefined;
}

/**
 * The record of each token: what Keyturn wants of it and did with it. Everything of one token changes together or not
 * at all. A write whose answer got lost is recognised as our own.
 *
 * @throws ServiceFailure from every method
 */
export interface TokenRecords extends TokenObservations {
  /** Undefined: nobody has asked for the token yet. */
  readState(token: TokenIdentity): Promise<StoredState | undefined>;
  readRecord(token: TokenIdentity): Promise<TokenRecord>;
  /** Accepted commands without an outcome, in any order. */
  readPending(token: TokenIdentity): Promise<PendingCommand[]>;
  /** `duplicate`: it is there already; `differentContent`: another one with its key is. */
  insertCommand(
    token: TokenIdentity,
    command: AcceptedCommand,
  ): Promise<'inserted' | 'duplicate' | 'differentContent'>;
  readCommand(token: TokenIdentity, key: string): Promise<CommandStatus | undefined>;
  /**
   * Writes the state if it is still the one that was read (`earlier`; undefined: if there is none).
   * Undefined: somebody else was faster, and nothing was written.
   */
  saveState(state: TokenState, earlier: StoredState | undefined): Promise<StoredState | undefined>;
  /**
   * Closes a plan, if the state is still that of the record as it was read: writes the new state, the history, the
   * events to send, and the outcomes of commands, which are not pending any more. Of more outcomes than fit into one transaction the
   * last ones are left out: their commands stay pending. Answers the events as they are in the outbox now.
   * If the settlement says that the token was looked at, the observation goes too. Undefined: somebody else was faster, and
   * nothing was written.
   */
  closePlan(
    settlement: Settlement,
    earlier: Pick<TokenRecord, 'stored' | 'pending' | 'observed'>,
  ): Promise<OutboxEvent[] | undefined>;
  /** Events that are still to be sent, in their order. */
  readOutbox(token: TokenIdentity): Promise<OutboxEvent[]>;
  removeFromOutbox(token: TokenIdentity, keys: readonly string[]): Promise<void>;
  /** Newest first. */
  readHistory(token: TokenIdentity, request: HistoryRequest): Promise<Page<HistoryEntry>>;
}
