import type { KeyturnEvent } from '../contracts/events.ts';
import type { Instant } from '../contracts/instants.ts';

export interface OutgoingMessage {
  readonly messageId: string;
  /** As it came; it need not be text. */
  readonly body: Uint8Array;
  readonly contentType?: string | undefined;
  /** The broker's, by which the sender's own tools know the message; not the event's. */
  readonly subject?: string | undefined;
  readonly correlationId?: string | undefined;
  /** Application properties. */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Tells the outside what happened.
 *
 * @throws ServiceFailure
 */
export interface EventSink {
  /** Repeats are told apart by the event's id, which is the message's. */
  publish(event: KeyturnEvent): Promise<void>;
}

/** Why a message is set aside: a fixed word, and what it means. */
export interface SetAsideReason {
  readonly reason: string;
  readonly description: string;
}

/**
 * Sends messages to queues. A message whose sending failed may have been sent all the same.
 *
 * @throws ServiceFailure from every method
 */
export interface MessageSender {
  /** The queue hands it out from `dueAt` on. */
  sendLater(queue: string, message: OutgoingMessage, dueAt: Instant): Promise<void>;
  /** Sends what nobody can act on to where people look at it: as it came, with why. */
  setAside(message: OutgoingMessage, why: SetAsideReason): Promise<void>;
  send(queue: string, message: OutgoingMessage): Promise<void>;
}
