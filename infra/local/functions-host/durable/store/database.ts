import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { UsageError } from '../../../part.ts';
import { schema, schemaVersion } from './schema.ts';
import { StoreUnreachable } from './store-unreachable.ts';

/** How long a statement waits for another process's transaction, in milliseconds. */
const busyTimeout = 2000;

/**
 * With a write-ahead log a process can be killed at any moment. The log is copied into the file only every 8,000 pages (32 MB):
 * that is what makes the disk wait.
 */
const pragmas = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8000';

/** SQLite's primary result code for a database that another process keeps locked. */
const busy = 5;

/** The SQLite file of a task hub. Several host processes may have it open at the same time. */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #isReachable: () => boolean;

  /**
   * @param isReachable asked before every use but the opening; while it says no, every use throws `StoreUnreachable`.
   * @throws UsageError when the file was made by another version of this host.
   */
  constructor(file: string, isReachable: () => boolean) {
    this.#isReachable = isReachable;
    this.#connection = new DatabaseSync(file, { timeout: busyTimeout });
    this.#connection.exec(pragmas);
    this.#locked(() => this.#createTables(file));
  }

  prepare(sql: string): StatementSync {
    return this.#connection.prepare(sql);
  }

  /**
   * Runs `work` with the store's write lock: all of its changes or none.
   * @throws StoreUnreachable when the store cannot be reached or stays locked by another process.
   */
  transaction<Result>(work: () => Result): Result {
    return this.read(() => this.#locked(work));
  }

  /** Runs `work` without a lock. @throws StoreUnreachable when the store cannot be reached. */
  read<Result>(work: () => Result): Result {
    if (!this.#isReachable()) throw new StoreUnreachable('it was made unreachable');
    try {
      return work();
    } catch (error) {
      if (isBusy(error)) throw new StoreUnreachable('another process keeps it locked', { cause: error });
      throw error;
    }
  }

  close(): void {
    this.#connection.close();
  }

  #locked<Result>(work: () => Result): Result {
    this.#connection.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#connection.exec('COMMIT');
      return result;
    } catch (error) {
      this.#connection.exec('ROLLBACK');
      throw error;
    }
  }

  #createTables(file: string): void {
    const found = this.#connection.prepare('PRAGMA user_version').get()?.user_version;
    if (found === schemaVersion) return;
    if (found !== 0)
      throw new UsageError(`${file} was made by another version of this host; remove it to start anew`);
    this.#connection.exec(schema);
    this.#connection.exec(`PRAGMA user_version = ${schemaVersion}`);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === busy;
}
