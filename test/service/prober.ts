import { setTimeout as wait } from 'node:timers/promises';
import { SecretClient } from '@azure/keyvault-secrets';
import type { CloudConfig } from '../../infra/local/cloud-config.ts';
import { milliseconds } from '../../src/contracts/durations.ts';
import { logInAnew } from './log-in-anew.ts';
import type { RunningService } from './running-service.ts';

/** A login, or a reading of the secret, that had to work and did not. */
export interface FailedLogin {
  /** When it began, by the cloud's clock. */
  readonly at: string;
  readonly token: string;
  readonly password: 'published' | 'previous';
  /** Of the password, as the vault's tags say; missing if the vault gave none. */
  readonly slot?: string | undefined;
  readonly generation?: string | undefined;
  readonly version?: string;
  readonly why: 'refused' | 'secretNotReadable';
}

export interface ProbedToken {
  readonly token: string;
  /** How long a replaced password has to work on, ISO 8601. */
  readonly overlap: string;
  /** The derived name, if left out. */
  readonly secretName?: string;
}

interface Password {
  readonly version: string;
  readonly value: string;
  readonly createdAt: Date;
  readonly slot: string | undefined;
  readonly generation: string | undefined;
}

interface Watched extends Required<ProbedToken> {
  /** Every password that the vault ever published, newest first. */
  passwords: Password[];
  keepsPrevious: boolean;
  isOver: boolean;
  /** The present look at it. */
  look: Promise<void>;
}

/** Looks at a time, and the rest between two, so that the prober does not take the machine from what it probes. */
const lanes = 2;
const restMilliseconds = 50;

/** A reader of secrets, and of nothing else. */
const reader = 'prober';

/** For `changeCloud`: a cloud in which the prober may read what consumers may read. */
export function withProber(config: CloudConfig): CloudConfig {
  const identity = {
    name: reader,
    clientId: '0a0a0a0a-0000-4000-8000-0000000000ff',
    objectId: '0b0b0b0b-0000-4000-8000-0000000000ff',
    permissions: [
      'Microsoft.KeyVault/vaults/secrets/getSecret/action',
      'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
    ],
  };
  return { ...config, identities: [...config.identities, identity] };
}

/**
 * A consumer that never rests: for every token that it is told about it reads the newest version of the secret and logs
 * in with it, and with each replaced password until `overlap` after it was replaced. A login fails if it is refused
 * although the password was promised to work during all of it: whether it was is looked up afterwards, since a password
 * may be replaced between its reading and the login. When probing ends, `end` or `cutShort` is awaited first.
 */
export class Prober {
  readonly failures: FailedLogin[] = [];
  /** Logins that were accepted, by token. */
  readonly logins = new Map<string, number>();
  readonly #service: RunningService;
  readonly #secrets: SecretClient;
  readonly #tokens: Watched[] = [];
  readonly #lanes: Promise<void>[];
  #isClosed = false;

  private constructor(service: RunningService, secrets: SecretClient) {
    this.#service = service;
    this.#secrets = secrets;
    this.#lanes = Array.from({ length: lanes }, () => this.#run());
  }

  /** @param service a cloud that was started `withProber` */
  static async start(service: RunningService): Promise<Prober> {
    const secrets = new SecretClient(service.setting('KEY_VAULT_URL'), await service.credential(reader), {
      disableChallengeResourceVerification: true,
      retryOptions: { maxRetries: 0 },
    });
    return new Prober(service, secrets);
  }

  /** Begins to probe a token: from the first publication that it sees. */
  watch({ token, overlap, secretName = `acr-contoso--${token}` }: ProbedToken): void {
    this.#tokens.push({
      token,
      overlap,
      secretName,
      passwords: [],
      keepsPrevious: true,
      isOver: false,
      look: Promise.resolve(),
    });
  }

  /** Ends the probing of a token: before it is disabled, revoked or deleted. */
  async end(token: string): Promise<void> {
    const watched = this.#watched(token);
    watched.isOver = true;
    await watched.look;
  }

  /** Replaced passwords of a token, present and future ones, are promised nothing any more: before a command that cuts them short. */
  async cutShort(token: string): Promise<void> {
    const watched = this.#watched(token);
    watched.keepsPrevious = false;
    await watched.look;
  }

  /** Resolves when every token has been logged in to anew, so often, since now. @throws Error after a minute */
  async until(times: number): Promise<void> {
    const before = new Map(this.logins);
    const isBehind = ({ token, isOver }: Watched) =>
      !isOver && (this.logins.get(token) ?? 0) - (before.get(token) ?? 0) < times;
    for (const end = Date.now() + 60_000; this.#tokens.some(isBehind); await wait(20))
      if (Date.now() > end) throw new Error('Some token could not be probed for a minute.');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#lanes);
  }

  #watched(token: string): Watched {
    const watched = this.#tokens.find((each) => each.token === token);
    if (!watched) throw new Error(`${token} is not probed.`);
    return watched;
  }

  /** One after the other, in turn. */
  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const next = this.#tokens.shift();
      if (next) {
        this.#tokens.push(next);
        next.look = next.look.then(() => this.#look(next));
        await next.look;
      }
      await wait(restMilliseconds);
    }
  }

  async #look(watched: Watched): Promise<void> {
    if (watched.isOver) return;
    await this.#readNewest(watched);
    for (const password of [...watched.passwords]) {
      if (!isPromised(password, watched, this.#now())) continue;
      await this.#logIn(password, watched);
    }
  }

  async #logIn(password: Password, watched: Watched): Promise<void> {
    const { token } = watched;
    const at = this.#now().toISOString();
    const loginServer = this.#service.loginServer();
    const answer = await logInAnew(loginServer, { token, password: password.value, account: reader });
    if (answer === 'accepted') this.logins.set(token, (this.logins.get(token) ?? 0) + 1);
    if (answer !== 'refused') return;
    // The time first: what was promised then was promised during the login.
    const after = this.#now();
    await this.#readNewest(watched);
    if (!isPromised(password, watched, after)) return;
    const { slot, generation, version } = password;
    const which = password === watched.passwords[0] ? 'published' : 'previous';
    this.failures.push({ at, token, password: which, slot, generation, version, why: 'refused' });
  }

  /** A consumer's look. Where it finds a version that it has not seen, it sees what was published meanwhile, too. */
  async #readNewest(watched: Watched): Promise<void> {
    const { token, secretName, passwords } = watched;
    const at = this.#now().toISOString();
    try {
      const newest = await this.#secrets.getSecret(secretName);
      if (newest.properties.version !== passwords[0]?.version) await this.#readUnseen(watched);
    } catch (error) {
      const status = statusOf(error);
      if (status !== 404 && status !== 403) return;
      if (passwords.length > 0 && !watched.isOver)
        this.failures.push({ at, token, password: 'published', why: 'secretNotReadable' });
    }
  }

  async #readUnseen(watched: Watched): Promise<void> {
    const { secretName, passwords } = watched;
    const seen = new Set(passwords.map(({ version }) => version));
    const found: Password[] = [];
    for await (const { version = '' } of this.#secrets.listPropertiesOfSecretVersions(secretName)) {
      if (seen.has(version)) continue;
      const { value, properties } = await this.#secrets.getSecret(secretName, { version });
      const { createdOn, tags = {} } = properties;
      if (value === undefined || !createdOn)
        throw new Error('The vault gave a version without a value or a time.');
      found.push({ version, value, createdAt: createdOn, slot: tags.slot, generation: tags.generation });
    }
    watched.passwords = [...found, ...passwords].sort(newestFirst);
  }

  #now(): Date {
    return this.#service.cloud.clock.now();
  }
}

/** The vault knows the time to the second: within one, the later generation is the newer. */
function newestFirst(one: Password, other: Password): number {
  const later = other.createdAt.getTime() - one.createdAt.getTime();
  return later || Number(other.generation ?? 0) - Number(one.generation ?? 0);
}

function isPromised(password: Password, { passwords, keepsPrevious, overlap }: Watched, at: Date): boolean {
  const replacedBy = passwords[passwords.indexOf(password) - 1];
  if (!replacedBy) return true;
  return keepsPrevious && at.getTime() < replacedBy.createdAt.getTime() + milliseconds(overlap);
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
}
