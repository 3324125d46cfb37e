import type { AmqpReceiver, AmqpSender, AmqpSession } from '../amqp/rhea.ts';

type Link = AmqpSender | AmqpReceiver;

/** Tells once when a link has ended: by itself, with its session, or with the connection. */
export class LinkEnds {
  readonly #listeners = new Map<Link, (() => void)[]>();
  #isOver = false;

  /** Calls the listener at the link's end, at once if the connection is gone already. */
  on(link: Link, listener: () => void): void {
    if (this.#isOver) {
      listener();
      return;
    }
    const listeners = this.#listeners.get(link);
    if (listeners) listeners.push(listener);
    else this.#listeners.set(link, [listener]);
  }

  endLink(link: Link): void {
    const listeners = this.#listeners.get(link) ?? [];
    this.#listeners.delete(link);
    for (const listener of listeners) listener();
  }

  endSession(session: AmqpSession): void {
    for (const link of [...this.#listeners.keys()]) if (link.session === session) this.endLink(link);
  }

  /** The end of the connection. */
  endAll(): void {
    this.#isOver = true;
    for (const link of [...this.#listeners.keys()]) this.endLink(link);
  }
}
