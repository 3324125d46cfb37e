import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import type { EventType } from '../../../src/contracts/events.ts';
import { Requester, teamRequest } from '../commands/requester.ts';
import type { SentCommand } from '../messages.ts';
import type { Prober } from '../prober.ts';
import type { RunningService } from '../running-service.ts';

/** The least that the profile `live` allows, so that a day later the next rotation finds a free slot. */
const overlap = 'PT24H';

/** Some tokens that are made and rotated by commands, with a prober on each, and everything that must hold of them. */
export class Fleet {
  readonly tokens: readonly string[];
  readonly requester: Requester;
  readonly #service: RunningService;
  readonly #prober: Prober;
  readonly #sent: { readonly sent: SentCommand; readonly leadsTo: EventType }[] = [];

  private constructor(
    service: RunningService,
    prober: Prober,
    requester: Requester,
    tokens: readonly string[],
  ) {
    this.#service = service;
    this.#prober = prober;
    this.requester = requester;
    this.tokens = tokens;
  }

  static async open(service: RunningService, prober: Prober, tokens: readonly string[]): Promise<Fleet> {
    return new Fleet(service, prober, await Requester.open(service), tokens);
  }

  /** Asks for tokens: all, if none are named. */
  async request(tokens = this.tokens): Promise<void> {
    for (const token of tokens) {
      this.#prober.watch({ token, overlap });
      const asked = teamRequest({ 'teams/web': ['content/read'] }, { profile: 'live', overlap });
      const sent = await this.requester.send('keyturn.token.requested', token, asked);
      this.#sent.push({ sent, leadsTo: 'keyturn.token.provisioned' });
    }
  }

  async rotate(tokens = this.tokens): Promise<void> {
    for (const token of tokens) {
      const sent = await this.requester.send('keyturn.token.rotation-requested', token, {});
      this.#sent.push({ sent, leadsTo: 'keyturn.token.rotated' });
    }
  }

  /** Whether everything that was asked for has been told to be done. */
  get isSettled(): boolean {
    return this.#unsettled().length === 0;
  }

  /** @throws Error that names the tokens which are not, after three minutes */
  async settled(): Promise<void> {
    for (const end = Date.now() + 180_000; !this.isSettled; await wait(20))
      if (Date.now() > end) throw new Error(`Not settled in three minutes: ${this.#unsettled().join(', ')}`);
  }

  /**
   * No request is lost, none is told of twice, no rotation id is published twice, and no promised login failed. Nobody
   * regenerates slots out of band here, so there is nothing that would excuse a second publication of a rotation id; and
   * each command led to one publication, no more.
   */
  async expectUnharmed(tokens = this.tokens): Promise<void> {
    await this.#prober.until(2);
    for (const each of this.#sent) {
      expect(await this.requester.outcome(each.sent)).toMatchObject({ status: 'done' });
      // By its id: Service Bus may hand a consumer the same message twice.
      expect(new Set(this.#eventsOf(each).map(({ id }) => id)).size).toBe(1);
    }
    for (const token of tokens) {
      const asked = this.#sent.filter(({ sent }) => sent.data.token === token).length;
      const generations = Array.from({ length: asked }, (_, index) => `1/${index + 1}`);
      expect(await this.#publishedIds(token), token).toEqual(generations);
    }
    expect(this.#prober.failures).toEqual([]);
  }

  /** How many passwords were made and never published: the work of attempts that came to nothing. */
  async abandonedPasswords(): Promise<number> {
    const issued = await this.#service.control.issuedPasswords();
    const published = await Promise.all(this.tokens.map((token) => this.#publishedIds(token)));
    return issued.length - published.flat().length;
  }

  /** Incarnation and generation of every version of a token's secret, in order. */
  async #publishedIds(token: string): Promise<string[]> {
    const secrets = await this.#service.secrets();
    const ids: string[] = [];
    for await (const { tags = {} } of secrets.listPropertiesOfSecretVersions(`acr-contoso--${token}`))
      ids.push(`${tags.incarnation}/${tags.generation}`);
    return ids.sort((one, other) => Number(one.split('/')[1]) - Number(other.split('/')[1]));
  }

  #unsettled(): unknown[] {
    return this.#sent.filter((each) => this.#eventsOf(each).length === 0).map(({ sent }) => sent.data.token);
  }

  #eventsOf({ sent, leadsTo }: { sent: SentCommand; leadsTo: EventType }) {
    return this.requester.messages.events.filter(
      ({ type, data }) => type === leadsTo && 'command' in data && data.command?.id === sent.id,
    );
  }
}
