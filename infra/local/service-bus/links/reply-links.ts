import type { AmqpSender } from '../amqp/rhea.ts';
import { LinkCredit } from './link-credit.ts';

interface ReplyLink {
  readonly sender: AmqpSender;
  readonly credit: LinkCredit;
  readonly waiting: Buffer[];
}

/**
 * The links on which one connection awaits answers. Requests name them by the link's name (JS) or by its target address (.NET).
 */
export class ReplyLinks {
  readonly #links = new Map<string, ReplyLink>();

  /** Opens a link for answers; returns how to forget it. */
  open(sender: AmqpSender): () => void {
    const link: ReplyLink = { sender, credit: new LinkCredit(sender), waiting: [] };
    const names = [sender.name, sender.target?.address].filter(
      (name) => typeof name === 'string' && name !== '',
    );
    for (const name of names) this.#links.set(name as string, link);
    sender.on('sendable', () => sendWaiting(link));
    return () => {
      for (const name of names)
        if (this.#links.get(name as string) === link) this.#links.delete(name as string);
    };
  }

  /** Sends an encoded message to a reply address; returns false when no link has it. */
  send(address: unknown, message: Buffer): boolean {
    const link = typeof address === 'string' ? this.#links.get(address) : undefined;
    if (!link) return false;
    link.waiting.push(message);
    sendWaiting(link);
    return true;
  }
}

/** A message sent without credit would hold up the other links of its session, so it waits here. */
function sendWaiting({ sender, credit, waiting }: ReplyLink): void {
  while (credit.isAvailable()) {
    const message = waiting.shift();
    if (!message) return;
    // Settled at once: a reply that waits to be settled costs the client 40 ms of delayed acknowledgement.
    sender.send(message, Buffer.from('reply'), 0).settled = true;
    credit.use();
  }
}
