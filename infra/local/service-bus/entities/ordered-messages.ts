/** Anything that has a place in a sequence. */
export interface Sequenced {
  readonly sequenceNumber: number;
}

/** How many numbers of removed messages may lie around before they are cleared away. */
const tolerance = 1024;

/** Messages in the order of their sequence numbers, made for adding at the end and taking from the front. */
export class OrderedMessages<Message extends Sequenced> {
  readonly #messages = new Map<number, Message>();
  /** Ascending; may still hold numbers of removed messages. */
  #numbers: number[] = [];
  /** Everything before it is taken. */
  #front = 0;

  get size(): number {
    return this.#messages.size;
  }

  add(message: Message): void {
    const number = message.sequenceNumber;
    this.#messages.set(number, message);
    const last = this.#numbers.at(-1);
    if (last === undefined || this.#front === this.#numbers.length || number > last) {
      this.#numbers.push(number);
      return;
    }
    const place = this.#placeOf(number);
    if (this.#numbers[place] === number) return;
    if (place === this.#front && place > 0) {
      this.#front -= 1;
      this.#numbers[this.#front] = number;
    } else this.#numbers.splice(place, 0, number);
  }

  get(sequenceNumber: number): Message | undefined {
    return this.#messages.get(sequenceNumber);
  }

  delete(sequenceNumber: number): boolean {
    const deleted = this.#messages.delete(sequenceNumber);
    if (this.#numbers.length > 2 * this.#messages.size + tolerance) this.#clearAway();
    return deleted;
  }

  first(): Message | undefined {
    for (; this.#front < this.#numbers.length; this.#front += 1) {
      const message = this.#messages.get(this.#numbers[this.#front] ?? 0);
      if (message) return message;
    }
    return undefined;
  }

  /** Up to `count` messages with this sequence number or a later one. */
  from(sequenceNumber: number, count: number): Message[] {
    const found: Message[] = [];
    for (let place = this.#placeOf(sequenceNumber); place < this.#numbers.length; place += 1) {
      if (found.length >= count) break;
      const message = this.#messages.get(this.#numbers[place] ?? 0);
      if (message) found.push(message);
    }
    return found;
  }

  values(): IterableIterator<Message> {
    return this.#messages.values();
  }

  clear(): void {
    this.#messages.clear();
    this.#numbers = [];
    this.#front = 0;
  }

  /** Index of the first number, not yet taken, that is not smaller. */
  #placeOf(number: number): number {
    let low = this.#front;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#numbers[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #clearAway(): void {
    this.#numbers = this.#numbers.slice(this.#front).filter((number) => this.#messages.has(number));
    this.#front = 0;
  }
}
