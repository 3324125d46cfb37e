import type { Clock } from '../../clock.ts';

interface Entry<Item> {
  readonly due: number;
  readonly order: number;
  readonly item: Item;
}

export interface AgendaOptions<Item> {
  readonly clock: Clock;
  /** Whether the item still waits; entries of others are dropped without a word. */
  readonly isWaiting: (item: Item) => boolean;
  readonly onDue: (item: Item) => void;
}

const smallestClearing = 64;

/**
 * What is due when, on the clock of the local cloud. However many items wait, the clock holds one timer, for the earliest.
 * Items that are due at one instant come in the order in which they were added.
 */
export class Agenda<Item> {
  readonly #options: AgendaOptions<Item>;
  /** A binary heap, earliest first. */
  #heap: Entry<Item>[] = [];
  #order = 0;
  #clearAt = smallestClearing;
  #timer: { readonly due: number; readonly cancel: () => void } | undefined;

  constructor(options: AgendaOptions<Item>) {
    this.#options = options;
  }

  /** @param due milliseconds since 1970, by the clock of the local cloud */
  add(due: number, item: Item): void {
    this.#push({ due, order: this.#order++, item });
    if (this.#heap.length >= this.#clearAt) this.#clearAway();
    this.#setTimer();
  }

  clear(): void {
    this.#heap = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #setTimer(): void {
    const first = this.#heap[0];
    if (!first || (this.#timer && this.#timer.due <= first.due)) return;
    this.#timer?.cancel();
    const cancel = this.#options.clock.schedule(new Date(first.due), () => this.#runDue());
    this.#timer = { due: first.due, cancel };
  }

  #runDue(): void {
    this.#timer = undefined;
    const now = this.#options.clock.now().getTime();
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      const waiting = this.#options.isWaiting(first.item);
      if (waiting && first.due > now) break;
      this.#shift();
      if (waiting) this.#options.onDue(first.item);
    }
    this.#setTimer();
  }

  #clearAway(): void {
    const waiting = this.#heap.filter((entry) => this.#options.isWaiting(entry.item));
    this.#heap = waiting.sort((one, other) => (isBefore(one, other) ? -1 : 1));
    this.#clearAt = Math.max(smallestClearing, 2 * waiting.length);
  }

  #push(entry: Entry<Item>): void {
    let place = this.#heap.length;
    this.#heap.push(entry);
    while (place > 0) {
      const parentPlace = (place - 1) >>> 1;
      const parent = this.#heap[parentPlace];
      if (!parent || !isBefore(entry, parent)) break;
      this.#heap[place] = parent;
      place = parentPlace;
    }
    this.#heap[place] = entry;
  }

  #shift(): void {
    const entry = this.#heap.pop();
    if (!entry || this.#heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const child = right && left && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, entry)) break;
      this.#heap[place] = child;
      place = child === left ? 2 * place + 1 : 2 * place + 2;
    }
    this.#heap[place] = entry;
  }
}

function isBefore(one: Entry<unknown>, other: Entry<unknown>): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}
