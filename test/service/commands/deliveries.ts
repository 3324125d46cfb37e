import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import type { SentCommand } from '../messages.ts';
import type { RunningService } from '../running-service.ts';
import type { Requester } from './requester.ts';

/** A place in a queue that a message claims as its first copy's. */
export interface ClaimedPlace {
  readonly enqueuedAt: string;
  readonly sequenceNumber: string;
}

/** Messages with commands as they reach an entrance more than once, and what the intake makes of each. */
export class Deliveries {
  readonly #service: RunningService;
  readonly #requester: Requester;

  constructor(service: RunningService, requester: Requester) {
    this.#service = service;
    this.#requester = requester;
  }

  /** A place at the head of the queue, at the cloud's time now: earlier than that of whatever is sent from now on. */
  async placeNow(): Promise<ClaimedPlace> {
    return { enqueuedAt: (await this.#service.control.now()).toISOString(), sequenceNumber: '1' };
  }

  /** Sends messages with one command, as its sender repeats them; resolves with what became of each. */
  async repeat(queue: string, command: SentCommand, times: number): Promise<string[]> {
    const messages = Array.from({ length: times }, () => ({ messageId: randomUUID(), body: command }));
    await this.#requester.messages.sendRaw(queue, messages);
    return Promise.all(messages.map(({ messageId }) => this.#taken(messageId)));
  }

  /** Sends late copies, as the intake makes them of what it could not take in; resolves with what became of each. */
  async copy(queue: string, command: SentCommand, place: ClaimedPlace, times = 1): Promise<string[]> {
    const keyturnOriginalMessageId = randomUUID();
    const messages = Array.from({ length: times }, (_, index) => ({
      messageId: randomUUID(),
      body: command,
      applicationProperties: {
        keyturnOriginalMessageId,
        keyturnOriginalSequenceNumber: place.sequenceNumber,
        keyturnOriginalEnqueuedAt: place.enqueuedAt,
        keyturnAttempt: index + 1,
      },
    }));
    await this.#requester.messages.sendRaw(queue, messages);
    return Promise.all(messages.map(({ messageId }) => this.#taken(messageId)));
  }

  /** The `result` that the host's log has for a message. */
  #taken(messageId: string): Promise<string> {
    const find = () => {
      for (const { lines } of this.#service.hosts.map(({ log }) => log)) {
        const line = lines.find(({ message }) => isRecordOf(message, messageId));
        if (line) return String(JSON.parse(line.message).result);
      }
      throw new Error(`Nothing was logged of the message ${messageId}.`);
    };
    return vi.waitFor(find, { timeout: 60_000, interval: 50 });
  }
}

function isRecordOf(message: string, messageId: string): boolean {
  return message.startsWith('{"record":"messageTakenIn"') && message.includes(messageId);
}
