import type { Clock } from '../../clock.ts';
import { type MessageContent, withApplicationProperties } from '../messages/message-content.ts';
import type { TypedEntry } from '../messages/typed-values.ts';
import { messageLockLost, notAllowed } from '../service-bus-error.ts';
import { Agenda } from './agenda.ts';
import { type Consumer, Consumers } from './consumers.ts';
import { deadLetterProperties } from './dead-letter-properties.ts';
import { type Lock, MessageLocks } from './message-locks.ts';
import { OrderedMessages } from './ordered-messages.ts';
import { SequenceNumbers } from './sequence-numbers.ts';
import { effectiveTimeToLive, type StoredMessage } from './stored-message.ts';

/** How a queue or subscription treats its messages. Durations are milliseconds; `undefined` is without end. */
export interface QueueSettings {
  readonly lockDuration: number;
  /** Failed deliveries after which a message is dead-lettered. */
  readonly maxDeliveryCount: number | undefined;
  readonly defaultTimeToLive: number | undefined;
  readonly deadLetterExpired: boolean;
}

/** What comes with a message that had been elsewhere before. */
export interface Origin {
  readonly sequenceNumber?: number;
  readonly timeToLive?: number | undefined;
}

/**
 * The active messages of a queue, of a subscription, or of the dead-letter queue of either (which has none of its own).
 *
 * Two kinds of time meet here. Times to live, enqueued times and, at the entrances, scheduled messages and the window of
 * duplicate detection follow the clock of the local cloud: moving it makes them happen, in order. Locks and the annotation
 * `x-opt-locked-until` are the machine's time, because they tell whether a receiver is alive, and clients renew them by their
 * own clock.
 */
export class MessageQueue {
  readonly deadLetterQueue: MessageQueue | undefined;
  readonly numbers = new SequenceNumbers();
  readonly #settings: QueueSettings;
  readonly #clock: Clock;
  readonly #messages = new OrderedMessages<StoredMessage>();
  readonly #available = new OrderedMessages<StoredMessage>();
  readonly #locks: MessageLocks<StoredMessage>;
  readonly #consumers = new Consumers();
  readonly #expiries: Agenda<StoredMessage>;

  constructor(settings: QueueSettings, clock: Clock, deadLetterQueue?: MessageQueue) {
    this.deadLetterQueue = deadLetterQueue;
    this.#settings = settings;
    this.#clock = clock;
    this.#locks = new MessageLocks(settings.lockDuration, (message) => this.#deliveryFailed(message));
    this.#expiries = new Agenda({
      clock,
      isWaiting: (message) => this.#messages.get(message.sequenceNumber) === message,
      onDue: (message) => {
        // A locked message expires when it is unlocked.
        if (this.#available.get(message.sequenceNumber)) this.#expire(message);
      },
    });
  }

  /** Stores a message at the end and returns its sequence number. `offer` must follow. */
  store(content: MessageContent, origin: Origin = {}): number {
    const enqueuedAt = this.#clock.now().getTime();
    const timeToLive = effectiveTimeToLive(content, this.#settings.defaultTimeToLive, origin.timeToLive);
    const sequenceNumber = this.numbers.next();
    this.#add({
      sequenceNumber,
      enqueueSequenceNumber: origin.sequenceNumber,
      content,
      enqueuedAt,
      state: 'active',
      timeToLive,
      expiresAt: timeToLive === undefined ? undefined : enqueuedAt + timeToLive,
      deliveryCount: 0,
    });
    return sequenceNumber;
  }

  /** Whether a message waits to be taken. */
  hasAvailable(): boolean {
    return this.#firstAvailable() !== undefined;
  }

  /** Takes the next message out for good. */
  takeAndDelete(): StoredMessage | undefined {
    const message = this.#firstAvailable();
    if (message) this.#remove(message);
    return message;
  }

  /** Locks the next message for one receiver. */
  takeAndLock(): Lock<StoredMessage> | undefined {
    const message = this.#firstAvailable();
    if (!message) return undefined;
    this.#available.delete(message.sequenceNumber);
    return this.#locks.lock(message);
  }

  /** Removes a message. Like all that takes a lock token, it throws com.microsoft:message-lock-lost when the lock is gone. */
  complete(token: string): void {
    this.#remove(this.#unlock(token));
  }

  /** Gives a message back, counted as a failed delivery, with some application properties changed. */
  abandon(token: string, changes: readonly TypedEntry[]): void {
    const content = withApplicationProperties(this.#locked(token).content, changes);
    const message = this.#unlock(token);
    message.content = content;
    this.#deliveryFailed(message);
  }

  /** Gives a message back, not counted. */
  release(token: string): void {
    this.#giveBack(this.#unlock(token));
  }

  /**
   * Moves a message to the dead-letter queue, reason and description among its changed properties.
   * @throws ServiceBusError amqp:not-allowed in a dead-letter queue
   */
  deadLetter(token: string, changes: readonly TypedEntry[]): void {
    const content = withApplicationProperties(this.#locked(token).content, changes);
    if (!this.deadLetterQueue) throw notAllowed('A message of a dead-letter queue cannot be dead-lettered.');
    this.#moveToDeadLetter(this.#unlock(token), content);
  }

  /** @returns the new end of the lock, by the machine's time */
  renewLock(token: string): number {
    const lock = this.#locks.renew(token);
    if (!lock) throw messageLockLost();
    return lock.lockedUntil;
  }

  /** Whether a lock is held, without changing anything. */
  holdsLock(token: string): boolean {
    return this.#locks.get(token) !== undefined;
  }

  /** Up to `count` messages from a sequence number on, locked ones too. */
  peek(fromSequenceNumber: number, count: number): StoredMessage[] {
    return this.#messages.from(fromSequenceNumber, count);
  }

  /** Lets a receiver take messages until the returned function is called. */
  addConsumer(consumer: Consumer): () => void {
    return this.#consumers.add(consumer);
  }

  /** Lets the receivers take what waits. To be called when there is a message, or a receiver has become ready. */
  offer(): void {
    this.#consumers.offer(() => this.hasAvailable());
  }

  messages(): Iterable<StoredMessage> {
    return this.#messages.values();
  }

  /** Forgets every message and lock. */
  clear(): void {
    this.#messages.clear();
    this.#available.clear();
    this.#locks.clear();
    this.#expiries.clear();
    this.numbers.reset();
  }

  #add(message: StoredMessage): void {
    this.#messages.add(message);
    this.#available.add(message);
    if (message.expiresAt !== undefined) this.#expiries.add(message.expiresAt, message);
  }

  #remove(message: StoredMessage): void {
    this.#messages.delete(message.sequenceNumber);
    this.#available.delete(message.sequenceNumber);
  }

  #firstAvailable(): StoredMessage | undefined {
    for (let message = this.#available.first(); message; message = this.#available.first()) {
      if (!this.#isExpired(message)) return message;
      this.#expire(message);
    }
    return undefined;
  }

  #locked(token: string): StoredMessage {
    const lock = this.#locks.get(token);
    if (!lock) throw messageLockLost();
    return lock.message;
  }

  #unlock(token: string): StoredMessage {
    const message = this.#locks.release(token);
    if (!message) throw messageLockLost();
    return message;
  }

  #deliveryFailed(message: StoredMessage): void {
    message.deliveryCount += 1;
    const limit = this.#settings.maxDeliveryCount;
    if (limit === undefined || message.deliveryCount < limit) this.#giveBack(message);
    else {
      const description = `Message could not be consumed after ${limit} delivery attempts.`;
      this.#deadLetterBecause(message, 'MaxDeliveryCountExceeded', description);
    }
  }

  #giveBack(message: StoredMessage): void {
    if (this.#isExpired(message)) {
      this.#expire(message);
      return;
    }
    this.#available.add(message);
    this.offer();
  }

  #isExpired({ expiresAt }: StoredMessage): boolean {
    return expiresAt !== undefined && expiresAt <= this.#clock.now().getTime();
  }

  #expire(message: StoredMessage): void {
    const description = 'The message expired and was dead lettered.';
    if (!this.#settings.deadLetterExpired) this.#remove(message);
    else this.#deadLetterBecause(message, 'TTLExpiredException', description);
  }

  #deadLetterBecause(message: StoredMessage, reason: string, description: string): void {
    const changes = deadLetterProperties(reason, description);
    this.#moveToDeadLetter(message, withApplicationProperties(message.content, changes));
  }

  /** In the dead-letter queue a message keeps its sequence number, its times and its delivery count, and never expires. */
  #moveToDeadLetter(message: StoredMessage, content: MessageContent): void {
    this.#remove(message);
    const { deadLetterQueue } = this;
    if (!deadLetterQueue) return;
    deadLetterQueue.#add({ ...message, content, expiresAt: undefined });
    deadLetterQueue.offer();
  }
}
