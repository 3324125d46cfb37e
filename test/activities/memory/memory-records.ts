import type { KeyturnEvent } from '../../../src/contracts/events.ts';
import { tokenKey } from '../../../src/contracts/names.ts';
import type { PendingCommand } from '../../../src/lifecycle/command-order.ts';
import {
  mergeObservations,
  type Observation,
  type StoredObservation,
} from '../../../src/lifecycle/drift/observation.ts';
import { readState } from '../../../src/lifecycle/read-state.ts';
import type { CommandOutcome, HistoryEntry, Settlement } from '../../../src/lifecycle/settlement.ts';
import type { TokenIdentity, TokenState } from '../../../src/lifecycle/state.ts';
import type { DeniedCommands } from '../../../src/ports/denied-commands.ts';
import type {
  AcceptedCommand,
  CommandStatus,
  HistoryRequest,
  OutboxEvent,
  Page,
  StoredState,
  TokenRecord,
  TokenRecords,
} from '../../../src/ports/token-records.ts';

interface Partition {
  state?: { readonly json: string; readonly etag: string };
  readonly pending: Map<string, string>;
  readonly commands: Map<string, { readonly digest: string; readonly status: CommandStatus }>;
  readonly outbox: Map<string, KeyturnEvent>;
  readonly history: HistoryEntry[];
  observed?: StoredObservation;
}

/** The records of tokens in memory, kept as JSON like the real ones. */
export class MemoryRecords implements TokenRecords, DeniedCommands {
  readonly partitions = new Map<string, Partition>();
  #etags = 0;

  of({ loginServer, token }: TokenIdentity): Partition {
    const key = tokenKey(loginServer, token);
    const partition = this.partitions.get(key) ?? {
      pending: new Map(),
      commands: new Map(),
      outbox: new Map(),
      history: [],
    };
    this.partitions.set(key, partition);
    return partition;
  }

  async readState(token: TokenIdentity): Promise<StoredState | undefined> {
    const { state } = this.of(token);
    return state && { state: readState(JSON.parse(state.json)), etag: state.etag };
  }

  async readPending(token: TokenIdentity): Promise<PendingCommand[]> {
    return [...this.of(token).pending.values()].map((json) => JSON.parse(json) as PendingCommand);
  }

  async readRecord(token: TokenIdentity): Promise<TokenRecord> {
    const stored = await this.readState(token);
    const [pending, outbox] = await Promise.all([this.readPending(token), this.readOutbox(token)]);
    const { observed } = this.of(token);
    return { ...(stored ? { stored } : {}), pending, outbox, ...(observed ? { observed } : {}) };
  }

  async addObservation(token: TokenIdentity, observation: Observation): Promise<void> {
    const partition = this.of(token);
    const earlier = partition.observed?.observation;
    this.#etags += 1;
    partition.observed = {
      observation: earlier ? mergeObservations(earlier, observation) : observation,
      etag: `observed-${this.#etags}`,
    };
  }

  async insertCommand(token: TokenIdentity, accepted: AcceptedCommand) {
    const inserted = this.#insert(token, accepted);
    const { digest: _digest, acceptedAt: _acceptedAt, ...pending } = accepted;
    if (inserted === 'inserted') this.of(token).pending.set(accepted.key, JSON.stringify(pending));
    return inserted;
  }

  async insertDenied(
    token: TokenIdentity,
    accepted: AcceptedCommand,
    outcome: CommandOutcome,
    event: KeyturnEvent,
  ) {
    const inserted = this.#insert(token, accepted, outcome);
    if (inserted === 'inserted') this.of(token).outbox.set(`denied-${accepted.key}`, event);
    return inserted;
  }

  async readCommand(token: TokenIdentity, key: string): Promise<CommandStatus | undefined> {
    return this.of(token).commands.get(key)?.status;
  }

  async saveState(state: TokenState, earlier: StoredState | undefined): Promise<StoredState | undefined> {
    const partition = this.of(state.identity);
    if (partition.state?.etag !== earlier?.etag) return undefined;
    return { state, etag: this.#write(partition, state) };
  }

  async closePlan(settlement: Settlement, earlier: Pick<TokenRecord, 'stored'>) {
    const { state, events, outcomes, history, observed } = settlement;
    const partition = this.of(state.identity);
    if (partition.state?.etag !== earlier.stored?.etag) return undefined;
    this.#write(partition, state);
    if (observed !== undefined && partition.observed?.etag === observed) delete partition.observed;
    for (const event of events) partition.outbox.set(event.id, event);
    for (const outcome of outcomes) {
      const row = partition.commands.get(outcome.key);
      partition.pending.delete(outcome.key);
      if (row) partition.commands.set(outcome.key, { ...row, status: { ...row.status, outcome } });
    }
    partition.history.unshift(...history);
    return events.map((event) => ({ key: event.id, event }));
  }

  async readOutbox(token: TokenIdentity): Promise<OutboxEvent[]> {
    return [...this.of(token).outbox].map(([key, event]) => ({ key, event }));
  }

  async removeFromOutbox(token: TokenIdentity, keys: readonly string[]): Promise<void> {
    for (const key of keys) this.of(token).outbox.delete(key);
  }

  async readHistory(
    token: TokenIdentity,
    { pageSize, continuation, fromPlan = Number.POSITIVE_INFINITY }: HistoryRequest,
  ): Promise<Page<HistoryEntry>> {
    const found = this.of(token).history.filter(({ plan }) => plan <= fromPlan);
    const end = Number(continuation ?? 0) + pageSize;
    const next = found.length > end ? { continuation: String(end) } : {};
    return { items: found.slice(end - pageSize, end), ...next };
  }

  /** As if a lifecycle had written it. */
  put(state: TokenState): void {
    this.#write(this.of(state.identity), state);
  }

  #insert(token: TokenIdentity, accepted: AcceptedCommand, outcome?: CommandOutcome) {
    const { commands } = this.of(token);
    const { key, entrance, command, acceptedAt, digest } = accepted;
    const there = commands.get(key);
    if (there) return there.digest === digest ? 'duplicate' : 'differentContent';
    const { source, id, type } = command;
    const ended = outcome === undefined ? {} : { outcome };
    commands.set(key, { digest, status: { key, entrance, source, id, type, acceptedAt, ...ended } });
    return 'inserted';
  }

  #write(partition: Partition, state: TokenState): string {
    this.#etags += 1;
    const etag = `state-${this.#etags}`;
    partition.state = { json: JSON.stringify(state), etag };
    return etag;
  }
}
