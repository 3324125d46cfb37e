import type { Clock } from '../../../../../infra/local/clock.ts';

/** A clock that stands still until it is moved. */
export class HandMovedClock implements Clock {
  #now: number;
  #tasks: { readonly due: number; readonly task: () => void | Promise<void> }[] = [];

  constructor(start = '2030-01-01T00:00:00.000Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  schedule(due: Date, task: () => void | Promise<void>): () => void {
    const entry = { due: due.getTime(), task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Resolves when the clock has been moved on by so many milliseconds: how long something takes in the cloud's time. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.schedule(new Date(this.#now + milliseconds), resolve));
  }

  /** Moves to the next task that is due by `target`, or to `target`. Returns whether there may be more on the way. */
  stepTowards(target: number): boolean {
    const first = this.#tasks.reduce(
      (earliest, { due }) => Math.min(earliest, due),
      Number.POSITIVE_INFINITY,
    );
    this.#now = Math.max(this.#now, Math.min(first, target));
    const due = this.#tasks.filter((entry) => entry.due <= this.#now);
    this.#tasks = this.#tasks.filter((entry) => entry.due > this.#now);
    for (const { task } of due) void task();
    return first <= target;
  }
}
