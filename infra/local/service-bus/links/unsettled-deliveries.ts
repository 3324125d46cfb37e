import type { AmqpDelivery, AmqpSender } from '../amqp/rhea.ts';

interface Unsettled {
  readonly delivery: AmqpDelivery;
  readonly token: string;
}

/**
 * The deliveries of one link that the client may still settle. One whose lock has expired is kept as long as there is room, so
 * that its late settlement gets an answer; but rhea's buffer ends at its oldest delivery, and a client that never settles that
 * one would in the end get nothing more.
 */
export class UnsettledDeliveries {
  readonly #sender: AmqpSender;
  readonly #holdsLock: (token: string) => boolean;
  /** Oldest first; the settled ones at the front are taken out when others are added. */
  #deliveries: Unsettled[] = [];
  #oldest = 0;

  constructor(sender: AmqpSender, holdsLock: (token: string) => boolean) {
    this.#sender = sender;
    this.#holdsLock = holdsLock;
  }

  add(delivery: AmqpDelivery, token: string): void {
    this.#skip(({ delivery: { settled } }) => settled);
    this.#deliveries.push({ delivery, token });
  }

  /** When no room is left, gives up the oldest deliveries whose locks have expired. */
  makeRoom(): void {
    if (this.#sender.session.outgoing.available() > 0) return;
    this.#skip(({ delivery, token }) => {
      if (!delivery.settled && this.#holdsLock(token)) return false;
      delivery.settled = true;
      delivery.remote_settled = true;
      return true;
    });
    this.#sender.connection._register();
  }

  #skip(isOver: (unsettled: Unsettled) => boolean): void {
    for (; this.#oldest < this.#deliveries.length; this.#oldest += 1) {
      const unsettled = this.#deliveries[this.#oldest];
      if (unsettled && !isOver(unsettled)) break;
    }
    if (this.#oldest < 1024) return;
    this.#deliveries = this.#deliveries.slice(this.#oldest);
    this.#oldest = 0;
  }
}
