import type { SecretClient } from '@azure/keyvault-secrets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../identity/local-cloud.ts';
import { all, failureOf, startVaultUnderTest, type VaultUnderTest } from './vault-under-test.ts';

let vault: VaultUnderTest;
/** A client that already has its token, so that a fault does not meet the challenge. */
let client: SecretClient;
let patient: SecretClient;

beforeEach(async () => {
  vault = await startVaultUnderTest();
  client = vault.client(identities.operator);
  patient = vault.client(identities.operator, { retryOptions: { maxRetries: 2, retryDelayInMs: 1 } });
  for (const each of [client, patient]) await all(each.listPropertiesOfSecrets());
  vault.cloud.history.clear();
});
afterEach(() => vault.close());

const inject = (effect: Parameters<VaultUnderTest['cloud']['faults']['inject']>[0]['effect'], times = 1) =>
  vault.cloud.faults.inject({ part: 'key-vault', effect, match: '^PUT /secrets/', times });
const versionsOf = async (name: string) => (await all(client.listPropertiesOfSecretVersions(name))).length;
const outcomes = () => vault.cloud.history.list().map(({ outcome, fault }) => [outcome, fault]);

describe('throttling', () => {
  it('without Retry-After is not retried by the client', async () => {
    inject({ kind: 'throttle' });
    expect(await failureOf(patient.setSecret('a', 'x'))).toEqual({
      statusCode: 429,
      code: 'Throttled',
      innerCode: undefined,
      message:
        'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
    });
    expect(outcomes()).toEqual([[429, 'throttle']]);
  });

  it('with Retry-After is retried by the client after that time', async () => {
    inject({ kind: 'throttle', retryAfterSeconds: 1 });
    await patient.setSecret('a', 'x');
    expect(outcomes()).toEqual([
      [429, 'throttle'],
      [200, undefined],
    ]);
  });
});

describe('failing', () => {
  it('tells the status and code that were asked for, in the shape of Key Vault', async () => {
    inject({ kind: 'fail', status: 503, code: 'ServiceUnavailable', message: 'Come back later.' });
    expect(await failureOf(client.setSecret('a', 'x'))).toEqual({
      statusCode: 503,
      code: 'ServiceUnavailable',
      innerCode: undefined,
      message: 'Come back later.',
    });
    expect(await versionsOf('a')).toBe(0);
  });

  it('after the effect leaves the effect, and answers the error all the same', async () => {
    inject({ kind: 'fail', status: 500, when: 'after' });
    expect(await failureOf(client.setSecret('a', 'x'))).toMatchObject({ statusCode: 500 });
    expect(await versionsOf('a')).toBe(1);
    expect(outcomes()[0]).toEqual([500, 'fail']);
  });

  it('with 500 is retried by the client', async () => {
    inject({ kind: 'fail' }, 2);
    await patient.setSecret('a', 'x');
    expect(outcomes().map(([outcome]) => outcome)).toEqual([500, 500, 200]);
  });
});

describe('a dropped connection', () => {
  it('before the effect leaves nothing behind', async () => {
    inject({ kind: 'drop', when: 'before' });
    await expect(client.setSecret('a', 'x')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await versionsOf('a')).toBe(0);
    expect(vault.vaults.storedValues()).toEqual([]);
  });

  it('after the effect leaves a version behind, of which the client does not know', async () => {
    inject({ kind: 'drop', when: 'after' });
    await expect(client.setSecret('a', 'x')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await versionsOf('a')).toBe(1);
  });

  it('after the effect makes a retrying client store a version too many', async () => {
    inject({ kind: 'drop', when: 'after' });
    await patient.setSecret('a', 'x');
    expect(await versionsOf('a')).toBe(2);
  });
});

describe('a damaged answer', () => {
  it('that is cut makes the client fail after the effect', async () => {
    inject({ kind: 'damage', how: 'cut' });
    await expect(client.setSecret('a', 'x')).rejects.toThrow();
    expect(await versionsOf('a')).toBe(1);
  });

  it('that is garbled puts the value into the error of the client', async () => {
    inject({ kind: 'damage', how: 'garble' });
    const error = await client.setSecret('a', 'the password').catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain('the password');
    expect(await versionsOf('a')).toBe(1);
  });
});

describe('other faults', () => {
  it('delay an answer and let it through', async () => {
    inject({ kind: 'delay', milliseconds: 30 });
    const startedAt = performance.now();
    await client.setSecret('a', 'x');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });

  it('make all vaults unreachable until they are reachable again', async () => {
    vault.cloud.faults.setReachable('key-vault', false);
    await expect(client.setSecret('a', 'x')).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/),
    });
    vault.cloud.faults.setReachable('key-vault', true);
    await client.setSecret('a', 'x');
  });
});
