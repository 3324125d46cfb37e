import { randomUUID } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import type { Database } from './database.ts';

/**
 * Who runs an episode of which instance. A lease that has run out can be taken by somebody else; its old holder then can no
 * longer commit, because the token has changed.
 */
export class EpisodeLeases {
  readonly #take: StatementSync;
  readonly #holds: StatementSync;
  readonly #renew: StatementSync;
  readonly #keep: StatementSync;
  readonly #end: StatementSync;
  readonly #revoke: StatementSync;

  constructor(database: Database) {
    this.#take = database.prepare('INSERT OR REPLACE INTO episodes VALUES (?, ?, ?)');
    this.#holds = database.prepare('SELECT 1 FROM episodes WHERE instance_id = ? AND lease = ?');
    this.#renew = database.prepare(
      'UPDATE episodes SET leased_until = ? WHERE instance_id = ? AND lease = ? AND leased_until > ?',
    );
    this.#keep = database.prepare('UPDATE episodes SET leased_until = ? WHERE instance_id = ? AND lease = ?');
    this.#end = database.prepare('DELETE FROM episodes WHERE instance_id = ? AND lease = ?');
    this.#revoke = database.prepare('DELETE FROM episodes WHERE instance_id = ?');
  }

  /** Takes the lease of an instance and returns its token; `until` in milliseconds of the machine's clock. */
  take(instanceId: string, until: number): string {
    const lease = randomUUID();
    this.#take.run(instanceId, lease, until);
    return lease;
  }

  holds(instanceId: string, lease: string): boolean {
    return this.#holds.get(instanceId, lease) !== undefined;
  }

  /** Makes a lease last longer. One that has run out stays so: its holder was silent for too long. */
  renew(instanceId: string, lease: string, now: number, until: number): void {
    this.#renew.run(until, instanceId, lease, now);
  }

  /** Keeps others away from the instance until `until`, and lets them have it then. */
  keepUntil(instanceId: string, lease: string, until: number): void {
    this.#keep.run(until, instanceId, lease);
  }

  end(instanceId: string, lease: string): void {
    this.#end.run(instanceId, lease);
  }

  /** Takes the lease from whoever holds it: what that episode comes to will not be committed. */
  revoke(instanceId: string): void {
    this.#revoke.run(instanceId);
  }
}
