import { randomUUID } from 'node:crypto';
import { ServiceBusClient } from '@azure/service-bus';

/** What is asked for, by whom, and by which queue. */
export interface Asked {
  readonly queue: string;
  readonly source: string;
  /** The part of the type after `keyturn.token.`, such as `requested`. */
  readonly what: string;
  readonly token: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Keyturn's entrances, as the programs that ask for tokens see them: queues that take CloudEvents. */
export class Entrances {
  readonly #connectionString: string;
  readonly #now: () => Date;

  constructor(connectionString: string, now: () => Date) {
    this.#connectionString = connectionString;
    this.#now = now;
  }

  /** Sends one command, on a connection of its own: between two of them months may go by. */
  async ask({ queue, source, what, token, data }: Asked): Promise<void> {
    const client = new ServiceBusClient(this.#connectionString);
    try {
      await client.createSender(queue).sendMessages({
        messageId: randomUUID(),
        contentType: 'application/cloudevents+json',
        body: {
          specversion: '1.0',
          id: randomUUID(),
          source,
          type: `keyturn.token.${what}`,
          time: this.#now().toISOString(),
          subject: `contoso/${token}`,
          data: { registry: 'contoso', token, ...data },
        },
      });
    } finally {
      await client.close();
    }
  }
}
