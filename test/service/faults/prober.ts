import { setTimeout as wait } from 'node:timers/promises';
import type { RunningService } from '../running-service.ts';

const pause = 100;

/** A consumer that reads passwords from the vault and logs in with them, again and again, until it is stopped. */
export class Prober {
  /** How often each token logged in. */
  readonly logins = new Map<string, number>();
  readonly failures: string[] = [];
  readonly #service: RunningService;
  #work: Promise<void> | undefined;

  constructor(service: RunningService) {
    this.#service = service;
  }

  /** From now on the published passwords of these tokens have to log in. */
  watch(...tokens: readonly string[]): void {
    for (const token of tokens) if (!this.logins.has(token)) this.logins.set(token, 0);
    this.#work ??= this.#probe();
  }

  /** What is to be disabled or deleted next logs in no longer. */
  async leave(token: string): Promise<void> {
    this.logins.delete(token);
    await this.#around;
  }

  /** Stops, once every token has logged in after this was asked. */
  async stop(): Promise<void> {
    const begun = new Map(this.logins);
    const isDone = () => [...this.logins].every(([token, count]) => count > (begun.get(token) ?? 0));
    while (this.failures.length === 0 && !isDone()) await wait(pause);
    const work = this.#work;
    this.#work = undefined;
    await work;
  }

  #around: Promise<void> = Promise.resolve();

  async #probe(): Promise<void> {
    await wait(0);
    while (this.#work) {
      this.#around = this.#once();
      await this.#around;
      await wait(pause);
    }
  }

  async #once(): Promise<void> {
    for (const token of [...this.logins.keys()]) {
      const status = await this.#service.logIn(token).catch((error: unknown) => String(error));
      const count = this.logins.get(token);
      if (count === undefined) continue;
      if (status === 200) this.logins.set(token, count + 1);
      else this.failures.push(`${token}: ${status} at ${new Date().toISOString()}`);
    }
  }
}
