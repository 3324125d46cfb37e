import { randomUUID } from 'node:crypto';
import { ServiceBusClient, type ServiceBusReceiver, type ServiceBusSender } from '@azure/service-bus';
import type { CommandType } from '../../src/contracts/commands.ts';
import type { KeyturnEvent } from '../../src/contracts/events.ts';

export interface SentCommand {
  readonly id: string;
  readonly source: string;
  readonly type: CommandType;
  readonly time: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const patience = 60_000;

/** Left alone, the client would pause for 30 s before it connects again. */
const soon = { retryDelayInMs: 300, maxRetryDelayInMs: 300 };

/** Sends commands to entrances and takes the events from the archive's subscription, as outsiders do. */
export class Messages {
  readonly events: KeyturnEvent[] = [];
  readonly #client: ServiceBusClient;
  readonly #senders = new Map<string, ServiceBusSender>();
  readonly #receiver: ServiceBusReceiver;
  readonly #waiting = new Set<() => void>();

  constructor(connectionString: string) {
    this.#client = new ServiceBusClient(connectionString, { retryOptions: soon });
    this.#receiver = this.#client.createReceiver('token-events', 'archive');
    this.#receiver.subscribe({
      processMessage: async ({ body }) => {
        this.events.push(body as KeyturnEvent);
        for (const look of this.#waiting) look();
      },
      processError: async ({ error }) => {
        if (!/unreachable|ECONNREFUSED|closed/i.test(error.message)) throw error;
      },
    });
  }

  async send(queue: string, ...commands: readonly SentCommand[]): Promise<void> {
    await this.#sender(queue).sendMessages(
      commands.map((command) => ({
        messageId: randomUUID(),
        contentType: 'application/cloudevents+json',
        body: command,
      })),
    );
  }

  async sendRaw(queue: string, message: Parameters<ServiceBusSender['sendMessages']>[0]): Promise<void> {
    await this.#sender(queue).sendMessages(message);
  }

  /** Takes what was set aside so far, up to a number of messages. */
  async takeRejected(most: number) {
    const receiver = this.#client.createReceiver('token-requests-rejected', {
      receiveMode: 'receiveAndDelete',
    });
    try {
      return await receiver.receiveMessages(most, { maxWaitTimeInMs: 10_000 });
    } finally {
      await receiver.close();
    }
  }

  /** Resolves with the first event of a type about a token, that came or comes after the first `after` events. */
  async event(type: KeyturnEvent['type'], token: string, after = 0): Promise<KeyturnEvent> {
    const find = () =>
      this.events.slice(after).find((event) => event.type === type && event.data.token === token);
    await this.until(`${type} of ${token}`, () => find() !== undefined);
    const found = find();
    if (!found) throw new Error('The event is gone.');
    return found;
  }

  /** Resolves when the events are as wanted. @throws Error that lists what came, after a minute or `limit` milliseconds */
  async until(what: string, isWanted: () => boolean, limit = patience): Promise<void> {
    if (isWanted()) return;
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const look = () => {
        if (isWanted()) end(resolve);
      };
      const timer = setTimeout(() => {
        const came = this.events.map(({ type, data }) => `${type} ${data.token}`).join('\n');
        end(() => reject(new Error(`${what}: not within ${limit} ms. Events:\n${came}`)));
      }, limit);
      this.#waiting.add(look);
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #sender(queue: string): ServiceBusSender {
    const sender = this.#senders.get(queue) ?? this.#client.createSender(queue);
    this.#senders.set(queue, sender);
    return sender;
  }
}

/** A command as a sender makes it. */
export function command(
  type: CommandType,
  token: string,
  data: Readonly<Record<string, unknown>>,
  about: Partial<SentCommand> = {},
): SentCommand {
  return {
    id: randomUUID(),
    source: '/self-service/form',
    type,
    time: new Date().toISOString(),
    subject: `contoso/${token}`,
    data: { registry: 'contoso', token, ...data },
    ...about,
    specversion: '1.0',
  } as SentCommand;
}
