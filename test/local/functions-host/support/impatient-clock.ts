import type { Clock } from '../../../../infra/local/clock.ts';
import { DueTasks } from '../../../../infra/local/functions-host/due-tasks.ts';

/** A clock that moves on without waiting for what it sets off, as time does. */
export class ImpatientClock implements Clock {
  #now: number;
  readonly #tasks: DueTasks;

  constructor(start: Date) {
    this.#now = start.getTime();
    this.#tasks = new DueTasks(
      () => this.#now,
      (error) => {
        throw error;
      },
    );
  }

  now(): Date {
    return new Date(this.#now);
  }

  schedule(due: Date, task: () => void | Promise<void>): () => void {
    return this.#tasks.add(due.getTime(), task);
  }

  /** Resolves when what is due has begun. */
  async move(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    await this.#tasks.runDue();
  }

  close(): void {
    this.#tasks.close();
  }
}
