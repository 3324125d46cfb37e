import type { TransactionAction } from '@azure/data-tables';
import type { KeyturnEvent } from '../contracts/events.ts';
import { tokenKey } from '../contracts/names.ts';
import {
  type Observation,
  observationSchema,
  type StoredObservation,
} from '../lifecycle/drift/observation.ts';
import type { Settlement } from '../lifecycle/settlement.ts';
import type { TokenIdentity, TokenState } from '../lifecycle/state.ts';
import type { AcceptedCommand, CommandStatus, OutboxEvent, TokenRecord } from '../ports/token-records.ts';
import { joinText, splitText } from './large-text.ts';
import { mostActions } from './record-tables.ts';

/** A row as the table has it. */
export type Row = Readonly<Record<string, unknown>>;

/** Comes before the outbox and the pending commands, since rows are read in the order of their keys. */
export const stateRow = 'lifecycle';
/** Between the state and the outbox, so that planning reads it as well. */
export const observedRow = 'observed';
export const rowKinds = {
  pending: 'pending-',
  command: 'command-',
  outbox: 'outbox-',
  history: 'history-',
} as const;

const highestPlan = 9_999_999_999;

export function partitionOf({ loginServer, token }: Pick<TokenIdentity, 'loginServer' | 'token'>): string {
  return tokenKey(loginServer, token);
}

/** A filter for all rows of one kind in a partition. Keys hold no quotes: see `tokenKey`. */
export function rowsOf(partition: string, kind: keyof typeof rowKinds): string {
  const from = rowKinds[kind];
  return `PartitionKey eq '${partition}' and RowKey ge '${from}' and RowKey lt '${end(from)}'`;
}

/** What comes after all keys that begin so; they end with a hyphen. */
function end(prefix: string): string {
  return `${prefix.slice(0, -1)}.`;
}

/** A filter for the history in a partition, newest first, from the entries of one plan on. */
export function historyFrom(partition: string, plan: number): string {
  return `${rowsOf(partition, 'history')} and RowKey ge '${rowKinds.history}${newestFirst(plan)}'`;
}

function newestFirst(plan: number): string {
  return String(highestPlan - plan).padStart(10, '0');
}

/**
 * A filter for the rows of a partition that planning needs, which lie side by side: the state, the observation, the outbox, and then the
 * pending commands. In this order they are read, so that no command is found pending beside a state that has settled it.
 * Source: "entities are always sorted by PartitionKey and RowKey", Azure Table storage design guide.
 */
export function rowsToPlanBy(partition: string): string {
  return `PartitionKey eq '${partition}' and RowKey ge '${stateRow}' and RowKey lt '${end(rowKinds.pending)}'`;
}

export function observationEntity(partitionKey: string, observation: Observation, etag?: string) {
  const entity = { partitionKey, rowKey: observedRow, ...splitText(JSON.stringify(observation)) };
  const action: TransactionAction =
    etag === undefined ? ['create', entity] : ['update', entity, 'Replace', { etag }];
  return action;
}

/** Undefined: it was looked at, and nothing was added since. */
export function observationOf(row: Row): StoredObservation | undefined {
  if (joinText(row) === '') return undefined;
  return { observation: observationSchema.parse(jsonOf(row)), etag: String(row.etag) };
}

export function outboxEventOf(row: Row): OutboxEvent {
  return { key: String(row.rowKey), event: jsonOf(row) as KeyturnEvent };
}

/** The events of a settlement with their keys, which are in the order of plans. */
export function outboxEvents({ state, events }: Settlement): OutboxEvent[] {
  const plan = String(state.settled).padStart(10, '0');
  return events.map((event, index) => ({ key: `${rowKinds.outbox}${plan}-${place(index)}`, event }));
}

function place(index: number): string {
  return String(index).padStart(3, '0');
}

export function stateEntity(state: TokenState, writtenBy: string) {
  return {
    partitionKey: partitionOf(state.identity),
    rowKey: stateRow,
    status: state.status,
    plan: state.plan,
    settled: state.settled,
    writtenBy,
    ...splitText(JSON.stringify(state)),
  };
}

export function jsonOf(row: Row): unknown {
  return JSON.parse(joinText(row));
}

/** The rows of a command that was just accepted: what is kept of it for good, and what is there while it is pending. */
export function acceptedRows(partitionKey: string, accepted: AcceptedCommand): TransactionAction[] {
  const { digest, acceptedAt, ...pending } = accepted;
  const { key, entrance, command } = pending;
  const { source, id, type } = command;
  const kept = { entrance, source, commandId: id, type, digest, acceptedAt };
  return [
    ['create', { partitionKey, rowKey: rowKinds.command + key, ...kept }],
    ['create', { partitionKey, rowKey: rowKinds.pending + key, ...splitText(JSON.stringify(pending)) }],
  ];
}

export function commandStatusOf(key: string, row: Row): CommandStatus {
  const text = (name: string) => String(row[name] ?? '');
  return {
    key,
    entrance: text('entrance'),
    source: text('source'),
    id: text('commandId'),
    type: text('type'),
    acceptedAt: text('acceptedAt'),
    ...(row.outcome === undefined
      ? {}
      : { outcome: JSON.parse(text('outcome')) as NonNullable<CommandStatus['outcome']> }),
  };
}

/** Everything that closing a plan writes beside the state, as far as it fits into one transaction with it. */
export function settlementRows(
  partitionKey: string,
  settlement: Settlement,
  record: Pick<TokenRecord, 'pending' | 'observed'>,
): TransactionAction[] {
  const { state, history, outcomes, observed } = settlement;
  const pending = new Set(record.pending.map(({ key }) => key));
  const actions: TransactionAction[] = [
    ...(observed !== undefined && record.observed?.etag === observed
      ? [lookedAt(partitionKey, observed)]
      : []),
    ...history.map((entry, index): TransactionAction => {
      const rowKey = `${rowKinds.history}${newestFirst(state.settled)}-${place(index)}`;
      return ['upsert', { partitionKey, rowKey, ...splitText(JSON.stringify(entry)) }, 'Replace'];
    }),
    ...outboxEvents(settlement).map(({ key: rowKey, event }): TransactionAction => {
      return ['upsert', { partitionKey, rowKey, ...splitText(JSON.stringify(event)) }, 'Replace'];
    }),
  ];
  const lastOfEach = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  for (const outcome of lastOfEach.values()) {
    if (actions.length + 3 > mostActions) break;
    const rowKey = rowKinds.command + outcome.key;
    actions.push(['upsert', { partitionKey, rowKey, outcome: JSON.stringify(outcome) }, 'Merge']);
    if (pending.has(outcome.key))
      actions.push(['delete', { partitionKey, rowKey: rowKinds.pending + outcome.key }]);
  }
  return actions;
}

/**
 * If more was added since it was looked at, the whole transaction fails. The row is emptied: the client of the tables
 * cannot delete under a condition within a transaction.
 */
function lookedAt(partitionKey: string, etag: string): TransactionAction {
  return ['update', { partitionKey, rowKey: observedRow }, 'Replace', { etag }];
}
