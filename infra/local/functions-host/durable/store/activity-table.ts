import type { StatementSync } from 'node:sqlite';
import type { ActivityTask } from '../message.ts';
import type { Database } from './database.ts';
import { numberOf, optionalTextOf, type Row, textOf } from './row.ts';

/** An activity that was given to a worker. `attempt` counts how often it was given out. */
export interface ActivityWorkItem extends ActivityTask {
  readonly id: number;
  readonly attempt: number;
}

/**
 * The activities that are to run. One that was given out is invisible for a while, and then is given out again, although the
 * first worker may still be at it. Times are milliseconds of the machine's clock.
 */
export class ActivityTable {
  readonly #insert: StatementSync;
  readonly #visible: StatementSync;
  readonly #giveOut: StatementSync;
  readonly #renew: StatementSync;
  readonly #hide: StatementSync;
  readonly #delete: StatementSync;
  readonly #any: StatementSync;

  constructor(database: Database) {
    this.#insert = database.prepare(
      `INSERT INTO activities (instance_id, execution_id, task_id, name, input, visible_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#visible = database.prepare(
      'SELECT * FROM activities WHERE visible_at <= ? ORDER BY visible_at, id LIMIT ?',
    );
    this.#giveOut = database.prepare(
      'UPDATE activities SET visible_at = ?, attempt = attempt + 1 WHERE id = ?',
    );
    this.#renew = database.prepare(
      'UPDATE activities SET visible_at = ? WHERE id = ? AND attempt = ? AND visible_at > ?',
    );
    this.#hide = database.prepare('UPDATE activities SET visible_at = ? WHERE id = ? AND attempt = ?');
    this.#delete = database.prepare('DELETE FROM activities WHERE id = ?');
    this.#any = database.prepare('SELECT 1 FROM activities LIMIT 1');
  }

  insert(task: ActivityTask, visibleAt: number): void {
    const { instanceId, executionId, taskId, name, input } = task;
    this.#insert.run(instanceId, executionId, taskId, name, input, visibleAt);
  }

  /** Gives out up to `limit` visible activities and hides them until `until`. */
  giveOut(now: number, until: number, limit: number): ActivityWorkItem[] {
    const items = this.#visible.all(now, limit).map(workItemOf);
    for (const { id } of items) this.#giveOut.run(until, id);
    return items;
  }

  /** Hides an activity for longer. One that can be seen again already stays so: its worker was silent for too long. */
  renew({ id, attempt }: ActivityWorkItem, now: number, until: number): void {
    this.#renew.run(until, id, attempt, now);
  }

  /** Hides an activity until `until`, unless it has been given out again since. */
  hide({ id, attempt }: ActivityWorkItem, until: number): void {
    this.#hide.run(until, id, attempt);
  }

  /** Whether the activity was still there to be removed: the first answer to it is. */
  delete({ id }: ActivityWorkItem): boolean {
    return this.#delete.run(id).changes > 0;
  }

  anyVisible(now: number): boolean {
    return this.#visible.get(now, 1) !== undefined;
  }

  any(): boolean {
    return this.#any.get() !== undefined;
  }
}

function workItemOf(row: Row): ActivityWorkItem {
  return {
    id: numberOf(row, 'id'),
    attempt: numberOf(row, 'attempt') + 1,
    instanceId: textOf(row, 'instance_id'),
    executionId: textOf(row, 'execution_id'),
    taskId: numberOf(row, 'task_id'),
    name: textOf(row, 'name'),
    input: optionalTextOf(row, 'input'),
  };
}
