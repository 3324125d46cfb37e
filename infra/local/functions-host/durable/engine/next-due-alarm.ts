import type { Clock } from '../../../clock.ts';

/** One alarm at the cloud's clock for the earliest of however many timers. */
export class NextDueAlarm {
  #due: Date | undefined;
  #cancel: (() => void) | undefined;
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #listeners = new Set<(due: Date | undefined) => void>();

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get due(): Date | undefined {
    return this.#due;
  }

  /** Sets the alarm to another instant, or off. */
  set(due: Date | undefined): void {
    if (due?.getTime() === this.#due?.getTime()) return;
    this.#cancel?.();
    this.#due = due;
    this.#cancel = due && this.#clock.schedule(due, () => this.#onDue());
    for (const listener of this.#listeners) listener(due);
  }

  onChange(listener: (due: Date | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  stop(): void {
    this.#cancel?.();
    this.#listeners.clear();
  }
}
