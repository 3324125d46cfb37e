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
  readonly #client: ServiceBusClient;
  readonly #now: () => Date;

  constructor(connectionString: string, now: () => Date) {
    this.#client = new ServiceBusClient(connectionString);
    this.#now = now;
  }

  async ask({ queue, source, what, token, data }: Asked): Promise<void> {
    const sender = this.#client.createSender(queue);
    await sender.sendMessages({
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
    await sender.close();
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
