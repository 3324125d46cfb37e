import type { Clock } from '../clock.ts';
import type { EventMessage } from './event-message.ts';

/** Seconds between the tries of Event Grid, the last one over and over (Azure's documentation, "Delivery and retry"). */
const retryAfterSeconds = [10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200] as const;

/** Event Grid gives an event up after a day. */
const longestMilliseconds = 24 * 60 * 60 * 1000;

interface Waiting {
  readonly message: EventMessage;
  readonly since: number;
  /** How often it was tried. */
  tries: number;
}

/**
 * Sends messages on. When the destination fails, all that follow wait with the one that failed until a later try of it succeeds:
 * Event Grid, too, delays what goes to an endpoint in trouble.
 */
export class RetriedDeliveries {
  readonly #clock: Clock;
  /** Returns whether the destination took it. */
  readonly #send: (message: EventMessage, tries: number) => boolean;
  #waiting: Waiting[] = [];
  #failures = 0;
  #callOff: (() => void) | undefined;

  constructor(clock: Clock, send: (message: EventMessage, tries: number) => boolean) {
    this.#clock = clock;
    this.#send = send;
  }

  deliver(message: EventMessage): void {
    this.#waiting.push({ message, since: this.#clock.now().getTime(), tries: 0 });
    if (this.#failures === 0) this.#tryAll();
  }

  clear(): void {
    this.#callOff?.();
    this.#waiting = [];
    this.#failures = 0;
  }

  #tryAll(): void {
    const oldest = this.#clock.now().getTime() - longestMilliseconds;
    this.#waiting = this.#waiting.filter(({ since }) => since > oldest);
    for (let [first] = this.#waiting; first; [first] = this.#waiting) {
      if (!this.#send(first.message, first.tries)) {
        first.tries += 1;
        this.#tryAgainLater();
        return;
      }
      this.#waiting.shift();
    }
    this.#failures = 0;
  }

  #tryAgainLater(): void {
    const seconds = retryAfterSeconds[Math.min(this.#failures, retryAfterSeconds.length - 1)] ?? 0;
    this.#failures += 1;
    const due = new Date(this.#clock.now().getTime() + seconds * 1000);
    this.#callOff = this.#clock.schedule(due, () => this.#tryAll());
  }
}
