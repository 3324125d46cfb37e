import type { StatementSync } from 'node:sqlite';
import type { HistoryEvent } from '../history-event.ts';
import type { Database } from './database.ts';
import { numberOf, textOf } from './row.ts';

/** The histories of a task hub's instances: one row for each event, only ever appended to or replaced as a whole. */
export class HistoryTable {
  readonly #read: StatementSync;
  readonly #end: StatementSync;
  readonly #append: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#read = database.prepare('SELECT event FROM history WHERE instance_id = ? ORDER BY position');
    this.#end = database.prepare(
      'SELECT coalesce(max(position) + 1, 0) AS "end" FROM history WHERE instance_id = ?',
    );
    this.#append = database.prepare('INSERT INTO history VALUES (?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM history WHERE instance_id = ?');
  }

  /** The JSON texts of an instance's events. */
  read(instanceId: string): string[] {
    return this.#read.all(instanceId).map((row) => textOf(row, 'event'));
  }

  append(instanceId: string, events: readonly HistoryEvent[]): void {
    const row = this.#end.get(instanceId);
    let position = row ? numberOf(row, 'end') : 0;
    for (const event of events) this.#append.run(instanceId, position++, JSON.stringify(event));
  }

  delete(instanceId: string): void {
    this.#delete.run(instanceId);
  }
}
