import { randomUUID } from 'node:crypto';

export interface Lock<Message> {
  /** Lower-case UUID. */
  readonly token: string;
  readonly message: Message;
  /** Milliseconds since 1970, by the machine's clock. */
  readonly lockedUntil: number;
}

/**
 * Which messages are locked, and until when. Locks guard against receivers that died, and clients renew them by their own
 * clock, so they run on the machine's time: moving the clock of the local cloud ends none.
 */
export class MessageLocks<Message extends object> {
  readonly #duration: number;
  readonly #onExpired: (message: Message) => void;
  /** By token, in the order in which they end: each lasts equally long, and a renewed one moves to the end. */
  readonly #locks = new Map<string, Lock<Message>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param duration milliseconds */
  constructor(duration: number, onExpired: (message: Message) => void) {
    this.#duration = duration;
    this.#onExpired = onExpired;
  }

  lock(message: Message): Lock<Message> {
    return this.#put(randomUUID(), message);
  }

  /** The lock, if it is still held. */
  get(token: string): Lock<Message> | undefined {
    this.#expire();
    return this.#locks.get(token);
  }

  /** Ends a lock and returns its message, unless it has ended before. */
  release(token: string): Message | undefined {
    const lock = this.get(token);
    this.#locks.delete(token);
    return lock?.message;
  }

  /** Starts a lock anew; `undefined` when it is no longer held. */
  renew(token: string): Lock<Message> | undefined {
    const lock = this.get(token);
    if (!lock) return undefined;
    this.#locks.delete(token);
    return this.#put(token, lock.message);
  }

  clear(): void {
    this.#locks.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #put(token: string, message: Message): Lock<Message> {
    const lock = { token, message, lockedUntil: Date.now() + this.#duration };
    this.#locks.set(token, lock);
    this.#timer ??= this.#wake(this.#duration);
    return lock;
  }

  #wake(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      this.#expire();
      const [first] = this.#locks.values();
      if (first) this.#timer ??= this.#wake(Math.max(first.lockedUntil - Date.now(), 0) + 1);
    }, milliseconds).unref();
  }

  #expire(): void {
    const now = Date.now();
    for (const [token, lock] of this.#locks) {
      if (lock.lockedUntil > now) break;
      this.#locks.delete(token);
      this.#onExpired(lock.message);
    }
  }
}
