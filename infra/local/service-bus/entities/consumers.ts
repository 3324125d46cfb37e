/** A receiver that waits for messages. */
export interface Consumer {
  /** Takes one message if it is ready for one; returns whether it did. */
  takeOne(): boolean;
}

/** The receivers of one queue, served in turn. */
export class Consumers {
  #consumers: readonly Consumer[] = [];
  #next = 0;
  #offering = false;

  /** Adds a receiver until the returned function is called. */
  add(consumer: Consumer): () => void {
    this.#consumers = [...this.#consumers, consumer];
    return () => {
      this.#consumers = this.#consumers.filter((other) => other !== consumer);
    };
  }

  /** Goes round until no message is left or nobody takes one. */
  offer(isAvailable: () => boolean): void {
    if (this.#offering) return;
    this.#offering = true;
    try {
      for (let refusals = 0; refusals < this.#consumers.length && isAvailable(); ) {
        this.#next = (this.#next + 1) % this.#consumers.length;
        refusals = this.#consumers[this.#next]?.takeOne() ? 0 : refusals + 1;
      }
    } finally {
      this.#offering = false;
    }
  }
}
