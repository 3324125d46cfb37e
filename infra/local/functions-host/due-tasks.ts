interface DueTask {
  readonly due: number;
  readonly order: number;
  readonly run: () => void | Promise<void>;
}

/** Longest wait that Node's `setTimeout` accepts, in milliseconds. */
const longestTimeout = 2 ** 31 - 1;

/** Tasks that run once, in the order of their instants, when a clock reaches them. Instants are in milliseconds since 1970. */
export class DueTasks {
  /** Told when `nextDue` is another. */
  onNextDueChange: () => void = () => undefined;
  #order = 0;
  #alarm: NodeJS.Timeout | undefined;
  #nextDue: number | undefined;
  #running: Promise<void> | undefined;
  readonly #tasks = new Set<DueTask>();
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;

  constructor(now: () => number, onError: (error: unknown) => void) {
    this.#now = now;
    this.#onError = onError;
  }

  get nextDue(): number | undefined {
    return this.#nextDue;
  }

  get isAnyDue(): boolean {
    return this.#nextDue !== undefined && this.#nextDue <= this.#now();
  }

  /** Returns what calls the task off. */
  add(due: number, run: () => void | Promise<void>): () => void {
    const task = { due, order: this.#order++, run };
    this.#tasks.add(task);
    this.#refresh();
    return () => {
      if (this.#tasks.delete(task)) this.#refresh();
    };
  }

  /**
   * Runs what is due, one after the other, and what that makes due, and resolves when it is done; an error is told and does
   * not stop the rest. Tasks are meant to be short: while one is awaited, the next waits.
   */
  runDue(): Promise<void> {
    this.#running ??= this.#runAllDue().finally(() => {
      this.#running = undefined;
      this.#setAlarm();
    });
    return this.#running;
  }

  close(): void {
    this.#tasks.clear();
    this.#refresh();
  }

  async #runAllDue(): Promise<void> {
    for (let task = this.#first(); task && task.due <= this.#now(); task = this.#first()) {
      this.#tasks.delete(task);
      this.#refresh();
      try {
        await task.run();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  #first(): DueTask | undefined {
    let first: DueTask | undefined;
    for (const task of this.#tasks)
      if (!first || task.due < first.due || (task.due === first.due && task.order < first.order))
        first = task;
    return first;
  }

  #refresh(): void {
    const nextDue = this.#first()?.due;
    if (nextDue === this.#nextDue) return;
    this.#nextDue = nextDue;
    this.#setAlarm();
    this.onNextDueChange();
  }

  #setAlarm(): void {
    clearTimeout(this.#alarm);
    if (this.#nextDue === undefined || this.#running) return;
    const pause = Math.min(Math.max(this.#nextDue - this.#now(), 0), longestTimeout);
    this.#alarm = setTimeout(() => void this.runDue(), pause);
    this.#alarm.unref();
  }
}
