/** Numbers the messages of one queue or topic, from 1. */
export class SequenceNumbers {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** Starts again from 1. */
  reset(): void {
    this.#last = 0;
  }
}
