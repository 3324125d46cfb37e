import type { StatementSync } from 'node:sqlite';
import type { HistoryEvent } from '../history-event.ts';
import type { Message, StoredMessage } from '../message.ts';
import type { Database } from './database.ts';
import { dateOf, numberOf, optionalTextOf, type Row, textOf } from './row.ts';

/** The inboxes of a task hub's instances. A durable timer is a message that is due when the timer fires. */
export class MessageTable {
  readonly #insert: StatementSync;
  readonly #due: StatementSync;
  readonly #delete: StatementSync;
  readonly #waiting: StatementSync;
  readonly #next: StatementSync;
  readonly #anyDue: StatementSync;

  constructor(database: Database) {
    this.#insert = database.prepare(
      'INSERT INTO messages (instance_id, execution_id, due, event) VALUES (?, ?, ?, ?)',
    );
    this.#due = database.prepare(
      'SELECT * FROM messages WHERE instance_id = ? AND due <= ? ORDER BY due, id',
    );
    this.#delete = database.prepare('DELETE FROM messages WHERE id = ?');
    this.#waiting = database.prepare(
      `SELECT instance_id FROM messages WHERE due <= ? AND NOT EXISTS
         (SELECT 1 FROM episodes WHERE episodes.instance_id = messages.instance_id AND leased_until > ?)
       ORDER BY due, id LIMIT ?`,
    );
    this.#next = database.prepare('SELECT min(due) AS due FROM messages WHERE due > ?');
    this.#anyDue = database.prepare('SELECT 1 FROM messages WHERE due <= ? LIMIT 1');
  }

  insert({ instanceId, executionId, due, event }: Message): void {
    this.#insert.run(instanceId, executionId ?? null, due.getTime(), JSON.stringify(event));
  }

  /** What an instance can see now, in the order in which it fell due. */
  due(instanceId: string, now: Date): StoredMessage[] {
    return this.#due.all(instanceId, now.getTime()).map(messageOf);
  }

  delete(ids: readonly number[]): void {
    for (const id of ids) this.#delete.run(id);
  }

  /** Instances with messages to see and no episode under way, the longest waiting first; `machineNow` in milliseconds. */
  instancesWaiting(now: Date, machineNow: number, limit: number): string[] {
    const rows = this.#waiting.all(now.getTime(), machineNow, limit);
    return [...new Set(rows.map((row) => textOf(row, 'instance_id')))];
  }

  /** When the next message falls due after `now`. */
  nextDue(now: Date): Date | undefined {
    const row = this.#next.get(now.getTime());
    return row && row.due !== null ? dateOf(row, 'due') : undefined;
  }

  anyDue(now: Date): boolean {
    return this.#anyDue.get(now.getTime()) !== undefined;
  }
}

function messageOf(row: Row): StoredMessage {
  return {
    id: numberOf(row, 'id'),
    instanceId: textOf(row, 'instance_id'),
    executionId: optionalTextOf(row, 'execution_id') ?? undefined,
    due: dateOf(row, 'due'),
    event: JSON.parse(textOf(row, 'event')) as HistoryEvent,
  };
}
