/** The time of the local cloud, as its parts see it. */
export interface Clock {
  now(): Date;
  /**
   * Runs `task` once when the clock reaches `due`, by itself or because somebody moved it. Returns a function that calls it off.
   * Tasks that are due run in the order of their instants, each at a time not before its own.
   */
  schedule(due: Date, task: () => void | Promise<void>): () => void;
}

/** Somebody outside this process (a Functions host) whose timers follow the clock. */
export interface ClockFollower {
  /** The instant of the follower's next timer, if it has one. */
  readonly nextDue: Date | undefined;
  /** Resolves when the follower has dealt with everything that is due at the clock's present time. */
  caughtUp(): Promise<void>;
}

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly task: () => void | Promise<void>;
}

/** Longest wait that Node's `setTimeout` accepts, in milliseconds. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** A clock that runs at the machine's pace and can be moved forward, stopping at each timer on its way. */
export class MovableClock implements Clock {
  #offset = 0;
  #order = 0;
  #alarm: NodeJS.Timeout | undefined;
  #moving: Promise<void> = Promise.resolve();
  readonly #timers = new Set<Timer>();
  readonly #followers = new Set<ClockFollower>();
  readonly #moveListeners = new Set<() => void>();
  readonly #onTaskError: (error: unknown) => void;

  constructor(onTaskError: (error: unknown) => void = reportTaskError) {
    this.#onTaskError = onTaskError;
  }

  /** How far this clock is ahead of the machine's, in milliseconds. */
  get offset(): number {
    return this.#offset;
  }

  now(): Date {
    return new Date(Date.now() + this.#offset);
  }

  schedule(due: Date, task: () => void | Promise<void>): () => void {
    const timer: Timer = { due: due.getTime(), order: this.#order++, task };
    this.#timers.add(timer);
    this.#setAlarm();
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Lets a follower take part in every move until the returned function is called. */
  follow(follower: ClockFollower): () => void {
    this.#followers.add(follower);
    return () => {
      this.#followers.delete(follower);
    };
  }

  /**
   * Calls `listener` at the beginning of each move, so that followers can still tell of a timer that they have just set, and
   * after each jump, until the returned function is called.
   */
  onMove(listener: () => void): () => void {
    this.#moveListeners.add(listener);
    return () => {
      this.#moveListeners.delete(listener);
    };
  }

  /**
   * Moves the clock forward by so many milliseconds, stopping at the instant of every timer between, its own and its
   * followers', and waiting until what was due there is done. Moves wait for one another.
   */
  advance(milliseconds: number): Promise<void> {
    if (!(milliseconds >= 0)) return Promise.reject(new RangeError('The clock only moves forward'));
    const move = this.#moving.then(() => this.#moveTo(this.now().getTime() + milliseconds));
    this.#moving = move.catch(() => {});
    return move;
  }

  /** Forgets the timers and stops waiting for the next of them. */
  close(): void {
    this.#timers.clear();
    clearTimeout(this.#alarm);
  }

  async #moveTo(target: number): Promise<void> {
    await this.#announceAndSettle();
    for (let now = this.now().getTime(); now < target; now = this.now().getTime()) {
      this.#offset += Math.min(this.#nextDueAfter(now), target) - now;
      await this.#announceAndSettle();
    }
    this.#setAlarm();
  }

  #announceAndSettle(): Promise<void> {
    for (const listener of this.#moveListeners) listener();
    return this.#settle();
  }

  #nextDueAfter(now: number): number {
    let next = Infinity;
    for (const { due } of this.#timers) if (due > now) next = Math.min(next, due);
    for (const { nextDue } of this.#followers) {
      if (nextDue && nextDue.getTime() > now) next = Math.min(next, nextDue.getTime());
    }
    return next;
  }

  async #settle(): Promise<void> {
    await this.#runDue();
    await this.#followersCaughtUp();
  }

  async #followersCaughtUp(): Promise<void> {
    await Promise.all([...this.#followers].map((follower) => follower.caughtUp()));
  }

  async #runDue(): Promise<void> {
    for (let timer = this.#firstDue(); timer; timer = this.#firstDue()) {
      this.#timers.delete(timer);
      try {
        await timer.task();
      } catch (error) {
        this.#onTaskError(error);
      }
    }
  }

  #firstDue(): Timer | undefined {
    const now = this.now().getTime();
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > now) continue;
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  #setAlarm(): void {
    clearTimeout(this.#alarm);
    if (this.#timers.size === 0) return;
    const first = [...this.#timers].reduce((earliest, timer) => Math.min(earliest, timer.due), Infinity);
    const wait = Math.min(Math.max(first - this.now().getTime(), 0), LONGEST_TIMEOUT);
    this.#alarm = setTimeout(() => this.#runDue().then(() => this.#setAlarm()), wait);
    this.#alarm.unref();
  }
}

function reportTaskError(error: unknown): void {
  process.stderr.write(
    `A task of the local clock failed: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
}
