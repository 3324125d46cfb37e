import type { Clock } from '../../clock.ts';
import type { MessageContent } from '../messages/message-content.ts';
import { messageNotFound } from '../service-bus-error.ts';
import { Agenda } from './agenda.ts';
import { DuplicateDetection } from './duplicate-detection.ts';
import { OrderedMessages } from './ordered-messages.ts';
import type { SequenceNumbers } from './sequence-numbers.ts';
import { effectiveTimeToLive, messageIdKey, type StoredMessage, scheduledTime } from './stored-message.ts';

export interface EntranceOptions {
  readonly clock: Clock;
  /** Milliseconds; `undefined` when duplicates are welcome. */
  readonly duplicateWindow: number | undefined;
  readonly defaultTimeToLive: number | undefined;
  readonly numbers: SequenceNumbers;
  /** Takes a message that is active now; `scheduledNumber` is the number it had while it was scheduled. Returns its number. */
  readonly store: (content: MessageContent, scheduledNumber?: number) => number;
  /** Follows one or more calls of `store`. */
  readonly stored: () => void;
}

/**
 * Where messages come into a queue or topic: drops duplicates, and keeps scheduled messages until they are due.
 * A message that becomes due is enqueued as if it was sent at that instant, with a new sequence number (Azure's documentation,
 * "Message sequencing and timestamps").
 */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #duplicates: DuplicateDetection;
  readonly #scheduled = new OrderedMessages<StoredMessage>();
  readonly #agenda: Agenda<StoredMessage>;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#duplicates = new DuplicateDetection(options.duplicateWindow);
    this.#agenda = new Agenda({
      clock: options.clock,
      isWaiting: (message) => this.#scheduled.get(message.sequenceNumber) === message,
      onDue: (message) => {
        this.#scheduled.delete(message.sequenceNumber);
        options.store(message.content, message.sequenceNumber);
        options.stored();
      },
    });
  }

  /**
   * Stores messages; those whose sender asks for a later time are scheduled, duplicates dropped without a word.
   * @returns the sequence number of each message; for a duplicate, that of nothing
   */
  send(contents: readonly MessageContent[]): number[] {
    const now = this.#options.clock.now().getTime();
    const numbers = contents.map((content) => this.#accept(content, now));
    this.#options.stored();
    return numbers;
  }

  /** @throws ServiceBusError com.microsoft:message-not-found when one of them is not scheduled; then none is cancelled */
  cancelScheduled(sequenceNumbers: readonly number[]): void {
    const unknown = sequenceNumbers.find((number) => !this.#scheduled.get(number));
    if (unknown !== undefined)
      throw messageNotFound(`No message with sequence number ${unknown} is scheduled.`);
    for (const number of sequenceNumbers) this.#scheduled.delete(number);
  }

  /** Up to `count` scheduled messages from a sequence number on. */
  peek(fromSequenceNumber: number, count: number): StoredMessage[] {
    return this.#scheduled.from(fromSequenceNumber, count);
  }

  messages(): Iterable<StoredMessage> {
    return this.#scheduled.values();
  }

  clear(): void {
    this.#duplicates.clear();
    this.#scheduled.clear();
    this.#agenda.clear();
    this.#options.numbers.reset();
  }

  #accept(content: MessageContent, now: number): number {
    if (this.#duplicates.isDuplicate(messageIdKey(content), now)) return this.#options.numbers.next();
    const due = scheduledTime(content);
    if (due === undefined || due <= now) return this.#options.store(content);
    const message: StoredMessage = {
      sequenceNumber: this.#options.numbers.next(),
      enqueueSequenceNumber: undefined,
      content,
      enqueuedAt: now,
      state: 'scheduled',
      timeToLive: effectiveTimeToLive(content, this.#options.defaultTimeToLive),
      expiresAt: undefined,
      deliveryCount: 0,
    };
    this.#scheduled.add(message);
    this.#agenda.add(due, message);
    return message.sequenceNumber;
  }
}
