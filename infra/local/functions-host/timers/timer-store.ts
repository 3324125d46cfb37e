import { DatabaseSync } from 'node:sqlite';

/** What is kept of a timer between starts. Instants are in milliseconds since 1970, by the given clock. */
export interface TimerStatus {
  /** When it last fired; undefined when it never did, or its schedule changed since. */
  readonly last: number | undefined;
  readonly next: number | undefined;
  /** The instant from which `next` was reckoned when it never fired. */
  readonly lastUpdated: number | undefined;
}

/** Who holds a timer, so that it fires in one host only. */
export interface TimerHolder {
  readonly id: string;
  readonly processId: number;
}

/** The holders of hosts in this very process, which its process id does not tell apart. */
const holdersHere = new Set<string>();

/** The timers' statuses and holders, in a file that the hosts of one data folder share. */
export class TimerStore {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { timeout: 10_000 });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS status (name TEXT PRIMARY KEY, last INTEGER, next INTEGER, lastUpdated INTEGER);
      CREATE TABLE IF NOT EXISTS holder (name TEXT PRIMARY KEY, id TEXT NOT NULL, processId INTEGER NOT NULL, until INTEGER NOT NULL);
    `);
  }

  status(name: string): TimerStatus | undefined {
    const row = this.#database.prepare('SELECT last, next, lastUpdated FROM status WHERE name = ?').get(name);
    return row && { last: instant(row.last), next: instant(row.next), lastUpdated: instant(row.lastUpdated) };
  }

  saveStatus(name: string, { last, next, lastUpdated }: TimerStatus): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO status (name, last, next, lastUpdated) VALUES (?, ?, ?, ?)')
      .run(name, last ?? null, next ?? null, lastUpdated ?? null);
  }

  /**
   * Takes or keeps a timer for so many milliseconds of the machine's clock. Says no while another holder has it, unless that
   * holder's process is gone.
   */
  hold(name: string, holder: TimerHolder, machineNow: number, milliseconds: number): boolean {
    holdersHere.add(holder.id);
    if (!this.#isFree(name, holder, machineNow)) return false;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const isFree = this.#isFree(name, holder, machineNow);
      if (isFree)
        this.#database
          .prepare('INSERT OR REPLACE INTO holder (name, id, processId, until) VALUES (?, ?, ?, ?)')
          .run(name, holder.id, holder.processId, machineNow + milliseconds);
      this.#database.exec('COMMIT');
      return isFree;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #isFree(name: string, holder: TimerHolder, machineNow: number): boolean {
    const row = this.#database.prepare('SELECT id, processId, until FROM holder WHERE name = ?').get(name);
    if (!row || row.id === holder.id || Number(row.until) <= machineNow) return true;
    return !isAlive(String(row.id), Number(row.processId));
  }

  release(name: string, holder: TimerHolder): void {
    this.#database.prepare('DELETE FROM holder WHERE name = ? AND id = ?').run(name, holder.id);
  }

  /** Forgets that the holder is in this process, and closes the file. */
  close(holder: TimerHolder): void {
    holdersHere.delete(holder.id);
    this.#database.close();
  }
}

function instant(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

function isAlive(id: string, processId: number): boolean {
  if (processId === process.pid) return holdersHere.has(id);
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
