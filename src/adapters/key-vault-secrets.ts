import { setTimeout as wait } from 'node:timers/promises';
import type { TokenCredential } from '@azure/identity';
import { type DeletedSecret, SecretClient } from '@azure/keyvault-secrets';
import { sameName } from '../contracts/names.ts';
import type { SecretVersion, VaultSecret } from '../lifecycle/facts.ts';
import type { CallLimits, WriteLimits } from '../ports/call-limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { ListedSecret, NewSecretVersion, SecretStore } from '../ports/secret-store.ts';
import { isFailure } from '../ports/service-failure.ts';
import { type Caller, callOnce, callRepeatably, listAll } from './call.ts';
import { statusOf } from './error-fields.ts';
import { listedSecretOf, secretVersionOf } from './key-vault-answers.ts';
import { sendDeadline, withSendDeadline } from './send-deadline.ts';

export interface KeyVaultSecretsOptions {
  /** As the configuration calls it. */
  readonly vault: string;
  readonly url: string;
  readonly credential: TokenCredential;
  /** Whether the vault must lie under the domain of the access token that it asks for. */
  readonly verifyChallenge: boolean;
  readonly clock: Clock;
}

const readTimeLimit = 20_000;
/** A deletion or recovery takes some seconds to be seen everywhere. */
const writeTimeLimit = 60_000;
const pause = 1_000;

/**
 * The secrets of one vault in Azure Key Vault. The client never repeats a request by itself: a repeated write would
 * make two versions.
 */
export class KeyVaultSecrets implements SecretStore {
  readonly #vault: string;
  readonly #url: string;
  readonly #client: SecretClient;
  readonly #reader: Caller;
  readonly #writer: Caller;

  constructor({ vault, url, credential, verifyChallenge, clock }: KeyVaultSecretsOptions) {
    this.#vault = vault;
    this.#url = url.replace(/\/$/, '');
    this.#client = new SecretClient(url, credential, {
      disableChallengeResourceVerification: !verifyChallenge,
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [sendDeadline('vault', clock)],
    });
    this.#reader = { service: 'vault', clock, timeLimit: readTimeLimit };
    this.#writer = { service: 'vault', clock, timeLimit: writeTimeLimit };
  }

  async readSecret(secretName: string, limits: CallLimits = {}): Promise<VaultSecret> {
    const versions = await this.#versions(secretName, limits);
    if (versions.length > 0) return this.#described(secretName, 'present', versions);
    const deleted = await this.#findDeleted(secretName, limits);
    return deleted
      ? this.#described(secretName, 'softDeleted', [secretVersionOf(deleted.properties)])
      : this.#described(secretName, 'absent', []);
  }

  async writeVersion(
    secretName: string,
    { value, contentType, expiresAt, tags }: NewSecretVersion,
    limits: WriteLimits = {},
  ): Promise<SecretVersion> {
    const written = await this.#write('writeVersion', limits, (abortSignal) =>
      this.#client.setSecret(secretName, value, {
        contentType,
        expiresOn: new Date(expiresAt),
        tags: { ...tags },
        abortSignal,
      }),
    );
    return secretVersionOf(written.properties);
  }

  setVersionEnabled(
    secretName: string,
    version: string,
    enabled: boolean,
    limits: WriteLimits = {},
  ): Promise<boolean> {
    return this.#write('setVersionEnabled', limits, async (abortSignal) => {
      await this.#client.updateSecretProperties(secretName, version, { enabled, abortSignal });
      return true;
    }).catch(orIfNotFound);
  }

  deleteSecret(secretName: string, limits: WriteLimits = {}): Promise<boolean> {
    return this.#write('deleteSecret', limits, async (abortSignal) => {
      const poller = await this.#client.beginDeleteSecret(secretName, { abortSignal, intervalInMs: pause });
      await poller.pollUntilDone();
      return true;
    }).catch(orIfNotFound);
  }

  /**
   * The client tells whether it is done by reading the value. Where that is not allowed it says so at once, so the
   * listing is waited for instead. A secret that is still being deleted is recovered when that is done.
   */
  async recoverSecret(secretName: string, limits: WriteLimits = {}): Promise<boolean> {
    const giveUp = AbortSignal.timeout(writeTimeLimit);
    for (;;) {
      try {
        await this.#write('recoverSecret', limits, (abortSignal) =>
          this.#client.beginRecoverDeletedSecret(secretName, { abortSignal, intervalInMs: pause }),
        );
        break;
      } catch (error) {
        if (isFailure(error, 'notFound')) return false;
        if (isFailure(error, 'beingRecovered')) break;
        if (!isFailure(error, 'beingDeleted') || giveUp.aborted) throw error;
        await wait(pause);
      }
    }
    await callOnce(this.#writer, 'recoverSecret', limits, async (signal) => {
      while ((await this.#versions(secretName, { signal })).length === 0)
        await wait(pause, undefined, { signal });
    });
    return true;
  }

  async *listSecrets(limits: CallLimits = {}): AsyncGenerator<ListedSecret> {
    const list = (abortSignal: AbortSignal) => this.#client.listPropertiesOfSecrets({ abortSignal });
    for await (const secret of listAll(this.#reader, 'listSecrets', limits, list))
      yield listedSecretOf(secret);
  }

  async *listDeletedSecrets(limits: CallLimits = {}): AsyncGenerator<ListedSecret> {
    const list = (abortSignal: AbortSignal) => this.#client.listDeletedSecrets({ abortSignal });
    for await (const { properties } of listAll(this.#reader, 'listDeletedSecrets', limits, list))
      yield listedSecretOf(properties);
  }

  #described(
    secretName: string,
    standing: VaultSecret['standing'],
    versions: readonly SecretVersion[],
  ): VaultSecret {
    const secretUri = `${this.#url}/secrets/${secretName}`;
    return { vault: this.#vault, secretName, secretUri, standing, versions };
  }

  /** Of a name that is unknown or deleted, none. */
  #versions(secretName: string, limits: CallLimits): Promise<SecretVersion[]> {
    return callRepeatably(this.#reader, 'readSecret', limits, async (abortSignal) => {
      const found: SecretVersion[] = [];
      for await (const version of this.#client.listPropertiesOfSecretVersions(secretName, { abortSignal }))
        found.push(secretVersionOf(version));
      return found;
    });
  }

  /** Whether one deleted secret may be read without the right to read values is not documented; the list may. */
  #findDeleted(secretName: string, limits: CallLimits): Promise<DeletedSecret | undefined> {
    return callRepeatably(this.#reader, 'readSecret', limits, async (abortSignal) => {
      try {
        return await this.#client.getDeletedSecret(secretName, { abortSignal });
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        if (statusOf(error) !== 403) throw error;
      }
      for await (const deleted of this.#client.listDeletedSecrets({ abortSignal }))
        if (sameName(deleted.name, secretName)) return deleted;
      return undefined;
    });
  }

  #write<Result>(
    operation: string,
    limits: WriteLimits,
    call: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return callOnce(this.#writer, operation, limits, (signal) =>
      withSendDeadline(limits, () => call(signal)),
    );
  }
}

function orIfNotFound(error: unknown): false {
  if (isFailure(error, 'notFound')) return false;
  throw error;
}
