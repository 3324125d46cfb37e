import type { AmqpSender } from '../amqp/rhea.ts';

/**
 * How many messages a receiving client still wants. rhea lowers a link's credit only when it writes frames, so messages handed
 * to it since then are subtracted here; and it answers a drain only while credit is left, which is mended here.
 * Relies on members that rhea does not document.
 */
export class LinkCredit {
  readonly #sender: AmqpSender;
  /** Messages handed to rhea, and credit given up in drains, modulo 2^32 like the link's delivery count. */
  #used = 0;

  constructor(sender: AmqpSender) {
    this.#sender = sender;
    sender._get_drain = () => this.#drain();
    sender.on('sender_draining', () => sender.set_drained(true));
  }

  /** Whether one more message can be sent, and will be written without waiting for the client. */
  isAvailable(): boolean {
    const { outgoing } = this.#sender.session;
    const unwritten = (this.#used - this.#sender.delivery_count) >>> 0;
    return (
      this.#sender.credit > unwritten && outgoing.available() > 0 && outgoing.transfer_window() > unwritten
    );
  }

  /** Counts a message that was handed to rhea. */
  use(): void {
    this.#used = (this.#used + 1) >>> 0;
  }

  /** Called when a flow frame is about to be written, after all messages that were handed to rhea. */
  #drain(): boolean {
    const sender = this.#sender;
    if (!sender._draining) return false;
    const given = Math.max(sender.credit, 0);
    sender._draining = false;
    sender.delivery_count = (sender.delivery_count + given) >>> 0;
    this.#used = (this.#used + given) >>> 0;
    sender.credit = 0;
    return true;
  }
}
