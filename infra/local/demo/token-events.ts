import { ServiceBusClient } from '@azure/service-bus';
import { NotAsTold } from './not-as-told.ts';
import { kindOf, type TokenEvent, tokenEventSchema } from './token-event.ts';

/** Takes Keyturn's events from the archive's subscription of the topic, in the order in which they come. */
export class TokenEvents {
  readonly all: TokenEvent[] = [];
  readonly #client: ServiceBusClient;
  readonly #patience: number;
  readonly #listeners = new Set<(event: TokenEvent) => void>();
  #isClosing = false;

  /** @param patience how long an event that is waited for may take, in milliseconds */
  constructor(connectionString: string, onError: (error: Error) => void, patience = 60_000) {
    this.#patience = patience;
    this.#client = new ServiceBusClient(connectionString);
    this.#client.createReceiver('token-events', 'archive').subscribe({
      processMessage: async ({ body }) => {
        const event = tokenEventSchema.parse(body);
        this.all.push(event);
        for (const listener of this.#listeners) listener(event);
      },
      processError: async ({ error }) => {
        if (!this.#isClosing) onError(error);
      },
    });
  }

  /** Calls `listener` with every event that comes, until the returned function is called. */
  onEvent(listener: (event: TokenEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Resolves with the first event of a kind about a token, come or to come. @throws NotAsTold if it does not come */
  async first(kind: string, token: string): Promise<TokenEvent> {
    const find = () => this.all.find((event) => kindOf(event) === kind && event.data.token === token);
    await this.until(`the event "${kind}" of ${token}`, () => find() !== undefined);
    const found = find();
    if (!found) throw new Error('The event is gone.');
    return found;
  }

  /** Resolves when the events are as wanted. @throws NotAsTold that says what did not come */
  until(what: string, isWanted: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (isWanted()) end(resolve);
      };
      const end = (settle: () => void) => {
        clearTimeout(timer);
        stopListening();
        settle();
      };
      const seconds = this.#patience / 1_000;
      const timer = setTimeout(
        () => end(() => reject(new NotAsTold(`Within ${seconds} s there was not ${what}`))),
        this.#patience,
      );
      const stopListening = this.onEvent(look);
      look();
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#listeners.clear();
    await this.#client.close();
  }
}
