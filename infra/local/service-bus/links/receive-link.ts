import type { AmqpSender } from '../amqp/rhea.ts';
import type { Consumer } from '../entities/consumers.ts';
import type { MessageQueue } from '../entities/message-queue.ts';
import { encodeStoredMessage } from '../entities/stored-message.ts';
import { deliveryTag } from '../messages/lock-token.ts';
import type { ServiceBusError } from '../service-bus-error.ts';
import type { ClientLink } from './client-link.ts';
import { LinkCredit } from './link-credit.ts';
import { refuseLink } from './refuse-link.ts';
import { settleOutcomes } from './settle-outcomes.ts';
import { UnsettledDeliveries } from './unsettled-deliveries.ts';

/** Serves a client that receives from a queue, a subscription or a dead-letter queue. */
export function openReceiveLink(sender: AmqpSender, queue: MessageQueue, link: ClientLink): void {
  const receiveLink = new ReceiveLink(sender, queue, link);
  const removeConsumer = queue.addConsumer(receiveLink);
  link.onEnd(() => {
    receiveLink.stop();
    removeConsumer();
  });
  sender.on('sendable', () => queue.offer());
  settleOutcomes(sender, queue, link);
}

class ReceiveLink implements Consumer {
  readonly #sender: AmqpSender;
  readonly #queue: MessageQueue;
  readonly #link: ClientLink;
  readonly #credit: LinkCredit;
  /** Such a client gets its messages settled: they are gone with the delivery. */
  readonly #deletes: boolean;
  readonly #deliveries: UnsettledDeliveries;
  #isBusy = false;
  #isStopped = false;
  #tags = 0;

  constructor(sender: AmqpSender, queue: MessageQueue, link: ClientLink) {
    this.#sender = sender;
    this.#queue = queue;
    this.#link = link;
    this.#credit = new LinkCredit(sender);
    this.#deletes = sender.snd_settle_mode === 1;
    this.#deliveries = new UnsettledDeliveries(sender, (token) => queue.holdsLock(token));
  }

  /** Locks outlive the link that they were taken for; only nothing more is taken. */
  stop(): void {
    this.#isStopped = true;
  }

  takeOne(): boolean {
    if (this.#isBusy || !this.#isReady()) return false;
    this.#isBusy = true;
    this.#link.run({
      request: `deliver ${this.#link.entityName}`,
      perform: () => this.#send(),
      answer: (error) => this.#delivered(error),
    });
    return !this.#isBusy;
  }

  #isReady(): boolean {
    if (this.#isStopped) return false;
    this.#deliveries.makeRoom();
    return this.#credit.isAvailable();
  }

  #delivered(error: ServiceBusError | undefined): void {
    this.#isBusy = false;
    if (error) {
      this.#isStopped = true;
      refuseLink(this.#sender, error);
    } else this.#queue.offer();
  }

  /** An injected delay may have let credit or message go in between. */
  #send(): void {
    if (!this.#isReady()) return;
    if (this.#deletes) this.#sendAndDelete();
    else this.#sendLocked();
  }

  #sendLocked(): void {
    const lock = this.#queue.takeAndLock();
    if (!lock) return;
    const encoded = encodeStoredMessage(lock.message, lock.lockedUntil);
    this.#deliveries.add(this.#sender.send(encoded, deliveryTag(lock.token), 0), lock.token);
    this.#credit.use();
  }

  #sendAndDelete(): void {
    const message = this.#queue.takeAndDelete();
    if (!message) return;
    this.#tags += 1;
    const delivery = this.#sender.send(encodeStoredMessage(message), Buffer.from(String(this.#tags)), 0);
    delivery.settled = true;
    this.#credit.use();
  }
}
