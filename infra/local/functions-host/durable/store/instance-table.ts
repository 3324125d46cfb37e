import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { type InstanceRecord, type RuntimeStatus, runtimeStatuses } from '../instance-record.ts';
import type { Database } from './database.ts';
import { dateOf, optionalTextOf, type Row, textOf } from './row.ts';

/** Which instances to list; everything that is left out does not matter. */
export interface InstanceFilter {
  readonly idPrefix?: string | undefined;
  readonly createdFrom?: Date | undefined;
  readonly createdTo?: Date | undefined;
  /** An empty list does not filter. */
  readonly statuses?: readonly RuntimeStatus[] | undefined;
}

/** The instances of a task hub, without their histories. */
export class InstanceTable {
  readonly #database: Database;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#get = database.prepare('SELECT * FROM instances WHERE id = ?');
    this.#put = database.prepare('INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM instances WHERE id = ?');
  }

  get(id: string): InstanceRecord | undefined {
    const row = this.#get.get(id);
    return row && recordOf(row);
  }

  put(record: InstanceRecord): void {
    const { id, executionId, name, version, status, input, output, customStatus } = record;
    const { createdAt, updatedAt } = record;
    this.#put.run(
      id,
      executionId,
      name,
      version,
      status,
      input,
      output,
      customStatus,
      createdAt.getTime(),
      updatedAt.getTime(),
    );
  }

  delete(id: string): void {
    this.#delete.run(id);
  }

  /** Up to `limit` instances in the order of their ids, from the first whose id comes after `after`. */
  list(filter: InstanceFilter, after: string, limit: number): InstanceRecord[] {
    const conditions = ['id > ?'];
    const values: SQLInputValue[] = [after];
    const add = (condition: string, ...more: SQLInputValue[]) => {
      conditions.push(condition);
      values.push(...more);
    };
    const { idPrefix, createdFrom, createdTo, statuses = [] } = filter;
    if (idPrefix) add('substr(id, 1, length(?)) = ?', idPrefix, idPrefix);
    if (createdFrom) add('created >= ?', createdFrom.getTime());
    if (createdTo) add('created <= ?', createdTo.getTime());
    if (statuses.length > 0) add(`status IN (${statuses.map(() => '?').join(', ')})`, ...statuses);
    const where = conditions.join(' AND ');
    const query = this.#database.prepare(`SELECT * FROM instances WHERE ${where} ORDER BY id LIMIT ?`);
    return query.all(...values, limit).map(recordOf);
  }
}

function recordOf(row: Row): InstanceRecord {
  return {
    id: textOf(row, 'id'),
    executionId: textOf(row, 'execution_id'),
    name: textOf(row, 'name'),
    version: textOf(row, 'version'),
    status: statusOf(textOf(row, 'status')),
    input: optionalTextOf(row, 'input'),
    output: optionalTextOf(row, 'output'),
    customStatus: optionalTextOf(row, 'custom_status'),
    createdAt: dateOf(row, 'created'),
    updatedAt: dateOf(row, 'updated'),
  };
}

function statusOf(text: string): RuntimeStatus {
  const status = runtimeStatuses.find((known) => known === text);
  if (!status) throw new TypeError(`Unknown status ${text}`);
  return status;
}
