/** Lets so many in at once; the others wait in the order in which they came. */
export class ConcurrencyGate {
  #free: number;
  #isClosed = false;
  readonly #waiting: ((isIn: boolean) => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Resolves with yes when there is room, with no when the gate was closed first. */
  enter(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next(true);
    else this.#free += 1;
  }

  close(): void {
    this.#isClosed = true;
    for (const refuse of this.#waiting.splice(0)) refuse(false);
  }
}
