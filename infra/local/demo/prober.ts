import { setTimeout as wait } from 'node:timers/promises';
import { NotAsTold } from './not-as-told.ts';
import type { LoginCount } from './token-table.ts';
import type { PublishedPassword } from './vault-reader.ts';

export interface ProberOptions {
  /** The newest version of a secret. */
  readonly read: (secretName: string) => Promise<PublishedPassword>;
  /** The status with which the login server answers. */
  readonly logIn: (token: string, password: string) => Promise<number>;
  /** The time of the registry. */
  readonly now: () => Date;
  /** Between two probes of one token, in milliseconds. */
  readonly pause?: number;
}

/** A token to log in with. */
export interface Probed {
  readonly token: string;
  readonly secretName: string;
  /** Of the secret, as announced last. */
  readonly secretVersion: string;
  /** How long a replaced password works at least; milliseconds. A probe during which more goes by proves nothing. */
  readonly overlap: number;
}

interface Watched extends Omit<Probed, 'secretVersion'> {
  readonly counts: { accepted: number; failed: number };
  published?: PublishedPassword;
  previous?: PublishedPassword;
  /** Announced last, and the promise that came with it: the one before works until then. */
  announced: string;
  promise?: { readonly version: string; readonly previous: string; readonly validUntil: Date };
  isLive: boolean;
  done: Promise<void>;
}

/**
 * A consumer that trusts nobody: it takes each token's password from the vault and logs in with it, all the time, and with
 * the password before as long as that is promised to work.
 */
export class Prober {
  /** Rejects with NotAsTold at the first login that fails. */
  readonly failure: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #previousAccepted = 0;
  readonly #options: ProberOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: ProberOptions) {
    this.#options = options;
    this.failure = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => {});
  }

  /** Logins by token. */
  get counts(): ReadonlyMap<string, LoginCount> {
    return new Map([...this.#watched.values()].map(({ token, counts }) => [token, { ...counts }]));
  }

  get totals(): LoginCount & { readonly withPrevious: number } {
    const counts = [...this.counts.values()];
    return {
      accepted: counts.reduce((sum, { accepted }) => sum + accepted, 0),
      failed: counts.reduce((sum, { failed }) => sum + failed, 0),
      withPrevious: this.#previousAccepted,
    };
  }

  /** Begins to log in. */
  watch({ token, secretName, secretVersion, overlap }: Probed): void {
    const watched: Watched = {
      token,
      secretName,
      overlap,
      announced: secretVersion,
      counts: { accepted: 0, failed: 0 },
      isLive: true,
      done: Promise.resolve(),
    };
    watched.done = this.#probeOnAndOn(watched);
    this.#watched.set(token, watched);
  }

  /** A new password was announced, and how long the one before it works. */
  rotated(token: string, version: string, previousValidUntil: Date): void {
    const watched = this.#watched.get(token);
    if (!watched) return;
    watched.promise = { version, previous: watched.announced, validUntil: previousValidUntil };
    watched.announced = version;
  }

  /** Stops to log in with a token that is about to be ended on purpose; resolves when the last login is answered. */
  async leave(token: string): Promise<void> {
    const watched = this.#watched.get(token);
    if (!watched) return;
    watched.isLive = false;
    await watched.done;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watched.keys()].map((token) => this.leave(token)));
  }

  async #probeOnAndOn(watched: Watched): Promise<void> {
    while (watched.isLive) {
      try {
        await this.#probe(watched);
      } catch (error) {
        watched.counts.failed += 1;
        this.#fail(error instanceof NotAsTold ? error : notAnswered(watched.token, error));
        return;
      }
      await wait(this.#options.pause ?? 200);
    }
  }

  async #probe(watched: Watched): Promise<void> {
    const readAt = this.#options.now().getTime();
    const newest = await this.#options.read(watched.secretName);
    if (watched.published && newest.version !== watched.published.version)
      watched.previous = watched.published;
    watched.published = newest;
    await this.#prove(watched, newest, new Date(readAt + watched.overlap));
    const { previous, promise } = watched;
    if (!previous || promise?.version !== newest.version || promise.previous !== previous.version) return;
    if (this.#options.now() >= promise.validUntil) return;
    if (await this.#prove(watched, previous, promise.validUntil)) this.#previousAccepted += 1;
  }

  /**
   * Logs in with a password that has to work until an instant at least. If the clock was moved past it meanwhile, a
   * refusal proves nothing.
   */
  async #prove(watched: Watched, password: PublishedPassword, worksUntil: Date): Promise<boolean> {
    const status = await this.#options.logIn(watched.token, password.value);
    if (status !== 200 && this.#options.now() >= worksUntil) return false;
    if (status !== 200) {
      const which = password === watched.published ? 'published' : 'previous';
      throw new NotAsTold(
        `The prober's login with the ${which} password of ${watched.token} failed (${status})`,
      );
    }
    watched.counts.accepted += 1;
    return true;
  }
}

function notAnswered(token: string, error: unknown): NotAsTold {
  const { code, message } = error as { code?: string; message?: string };
  return new NotAsTold(`The prober could not log in as ${token} (${code ?? message ?? String(error)})`);
}
