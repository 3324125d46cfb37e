import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ControlClient } from '../../infra/local/control/control-client.ts';
import { KeyVaultSecrets } from '../../src/adapters/key-vault-secrets.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { all, everythingOf, failureOf, type KeyturnCloud, startKeyturnCloud } from './keyturn-cloud.ts';

let keyturn: KeyturnCloud;
let control: ControlClient;
let secrets: KeyVaultSecrets;

const name = 'acr-contoso--team-token';
const value = 'zJ8qW2rT6yU1iO5pA9sD3fG7hJ4kL0xC+ACRvB2nM1';
const expiresAt = '2030-01-01T00:00:00.000Z';
const tags = { registry: 'contoso', token: 'team-token', generation: '1' };
const version = { value, contentType: 'text/plain', expiresAt, tags };

function vault(
  identity = 'keyturn',
  url = keyturn.cloud.environment.KEY_VAULT_URL ?? '',
  verifyChallenge = false,
): KeyVaultSecrets {
  const credential = keyturn.credential(identity);
  return new KeyVaultSecrets({ vault: 'teams', url, credential, verifyChallenge, clock: systemClock });
}

const startVault = (change: object = {}) =>
  startKeyturnCloud('key-vault', 'key-vault', (config) => ({
    ...config,
    identities: [
      ...config.identities,
      {
        name: 'stranger',
        clientId: '0a0a0a0a-0000-4000-8000-000000000012',
        objectId: '0b0b0b0b-0000-4000-8000-000000000012',
        permissions: [],
      },
    ],
    keyVault: { ...config.keyVault, settleAfter: 'PT0S', ...change },
  }));

beforeAll(async () => {
  keyturn = await startVault();
  control = new ControlClient(keyturn.cloud.controlUrl);
  secrets = vault();
});
afterAll(() => keyturn.close());
beforeEach(() => control.reset());

/** Somebody who may read values, with the official client. */
const readerOf = (cloud: KeyturnCloud) =>
  new SecretClient(cloud.cloud.environment.KEY_VAULT_URL ?? '', cloud.credential('operator'), {
    disableChallengeResourceVerification: true,
  });
const versions = async () => (await secrets.readSecret(name)).versions;

describe('a secret', () => {
  it('that never was is absent, and its name is free', async () => {
    expect(await secrets.readSecret(name)).toEqual({
      vault: 'teams',
      secretName: name,
      secretUri: `${keyturn.cloud.environment.KEY_VAULT_URL}/secrets/${name}`,
      standing: 'absent',
      versions: [],
    });
  });

  it('is written with its tags, type and expiry, and consumers read the value', async () => {
    const written = await secrets.writeVersion(name, version);
    expect(written).toMatchObject({ enabled: true, expiresAt, tags });
    const read = await readerOf(keyturn).getSecret(name);
    expect(read.value).toBe(value);
    expect(read.properties).toMatchObject({ version: written.version, contentType: 'text/plain' });
    expect(read.properties.notBefore).toBeUndefined();
  });

  it('has all its versions with their tags, and none of them is ever read', async () => {
    const first = await secrets.writeVersion(name, version);
    const second = await secrets.writeVersion(name, { ...version, tags: { ...tags, generation: '2' } });
    keyturn.cloud.history.clear();
    const secret = await secrets.readSecret(name);
    expect(secret.standing).toBe('present');
    expect(new Set(secret.versions)).toEqual(new Set([first, second]));
    expect(JSON.stringify(secret)).not.toContain(value);
    const operations = keyturn.cloud.history.list().map(({ operation }) => operation);
    expect(new Set(operations)).toEqual(new Set(['Microsoft.KeyVault/vaults/secrets/readMetadata/action']));
  });

  it('has a version switched off and on, and all else of it stays', async () => {
    const { version: written } = await secrets.writeVersion(name, version);
    expect(await secrets.setVersionEnabled(name, written, false)).toBe(true);
    expect(await versions()).toMatchObject([{ version: written, enabled: false, expiresAt, tags }]);
    await expect(readerOf(keyturn).getSecret(name)).rejects.toMatchObject({ statusCode: 403 });
    expect(await secrets.setVersionEnabled(name, written, true)).toBe(true);
    expect((await readerOf(keyturn).getSecret(name)).value).toBe(value);
  });

  it('that is not there has no version to switch off, and cannot be deleted or recovered', async () => {
    expect(await secrets.setVersionEnabled(name, '0'.repeat(32), false)).toBe(false);
    expect(await secrets.deleteSecret(name)).toBe(false);
    expect(await secrets.recoverSecret(name)).toBe(false);
  });

  it('is listed beside all others', async () => {
    await secrets.writeVersion('other', version);
    await secrets.writeVersion(name, version);
    const listed = await all(secrets.listSecrets());
    expect(listed.map(({ secretName }) => secretName).sort()).toEqual([name, 'other']);
    expect(listed[0]).toMatchObject({ enabled: true, expiresAt, tags });
  });
});

describe('a deleted secret', () => {
  it('is known with its last version, and takes its name', async () => {
    const written = await secrets.writeVersion(name, version);
    expect(await secrets.deleteSecret(name)).toBe(true);
    expect(await secrets.readSecret(name)).toMatchObject({ standing: 'softDeleted', versions: [written] });
    expect(await failureOf(secrets.writeVersion(name, version))).toMatchObject({
      code: 'deletedButRecoverable',
      status: 409,
    });
  });

  it('comes back with all its versions, and can be written at once', async () => {
    await secrets.writeVersion(name, version);
    await secrets.deleteSecret(name);
    expect(await secrets.recoverSecret(name)).toBe(true);
    await secrets.writeVersion(name, version);
    expect(await versions()).toHaveLength(2);
  });
});

describe('a vault that takes its time', () => {
  let slow: KeyturnCloud;
  let slowSecrets: KeyVaultSecrets;
  beforeAll(async () => {
    slow = await startVault({ settleAfter: 'PT2S', deletedSecretReadNeeds: 'getSecret' });
    slowSecrets = new KeyVaultSecrets({
      vault: 'teams',
      url: slow.cloud.environment.KEY_VAULT_URL ?? '',
      credential: slow.credential(),
      verifyChallenge: false,
      clock: systemClock,
    });
  });
  afterAll(() => slow.close());

  it('recovers a secret that is still being deleted, and lets it be written when that is settled', async () => {
    await slowSecrets.writeVersion(name, version);
    expect(await slowSecrets.deleteSecret(name)).toBe(true);
    expect(await failureOf(slowSecrets.writeVersion(name, version))).toMatchObject({ code: 'beingDeleted' });
    expect(await slowSecrets.recoverSecret(name)).toBe(true);
    await slowSecrets.writeVersion(name, version);
    expect((await slowSecrets.readSecret(name)).versions).toHaveLength(2);
  });

  it('is looked through where a deleted secret may not be read by name', async () => {
    await slowSecrets.writeVersion('gone', version);
    await slowSecrets.deleteSecret('gone');
    await slow.cloud.clock.advance(3_000);
    expect(await slowSecrets.readSecret('gone')).toMatchObject({ standing: 'softDeleted' });
    expect(await slowSecrets.readSecret('never')).toMatchObject({ standing: 'absent' });
  });
});

describe('a write', () => {
  it.each(['before', 'after'] as const)(
    'whose connection drops %s the effect is not repeated',
    async (when) => {
      await versions();
      keyturn.inject({ kind: 'drop', when }, '^PUT ');
      expect(await failureOf(secrets.writeVersion(name, version))).toMatchObject({ code: 'unavailable' });
      expect(await versions()).toHaveLength(when === 'before' ? 0 : 1);
    },
  );

  it.each(['cut', 'garble'] as const)(
    'whose answer is damaged (%s) lets no value reach the error',
    async (how) => {
      await versions();
      keyturn.inject({ kind: 'damage', how }, '^PUT ');
      const failure = await failureOf(secrets.writeVersion(name, version));
      expect(['damagedAnswer', 'unavailable']).toContain(failure.code);
      expect(everythingOf(failure)).not.toContain(value.slice(4, 16));
      expect(await versions()).toHaveLength(1);
    },
  );

  it('is not sent after the end of the lease, also not to ask for a challenge', async () => {
    keyturn.cloud.history.clear();
    const late = vault().writeVersion(name, version, { notAfter: new Date(Date.now() - 1).toISOString() });
    expect(await failureOf(late)).toMatchObject({ code: 'tooLate' });
    expect(keyturn.cloud.history.list()).toEqual([]);
    const soon = { notAfter: new Date(Date.now() + 60_000).toISOString() };
    await secrets.writeVersion(name, version, soon);
  });
});

describe('every request', () => {
  it.each([undefined, 7])(
    'that is throttled is not repeated (Retry-After: %s)',
    async (retryAfterSeconds) => {
      await versions();
      keyturn.cloud.history.clear();
      const effect = { kind: 'throttle' as const, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) };
      keyturn.inject(effect, '', 9);
      const failure = await failureOf(secrets.writeVersion(name, version));
      expect(failure).toMatchObject({ code: 'throttled', status: 429 });
      expect(failure.retryAt === undefined).toBe(retryAfterSeconds === undefined);
      expect(await failureOf(secrets.readSecret(name))).toMatchObject({ code: 'throttled' });
      expect(keyturn.requests()).toHaveLength(2);
    },
  );

  it('that reads is repeated when there was no answer', async () => {
    await versions();
    keyturn.inject({ kind: 'drop', when: 'before' }, '^GET ');
    keyturn.inject({ kind: 'fail', status: 503 }, '^GET ');
    expect(await secrets.readSecret(name)).toMatchObject({ standing: 'absent' });
  });

  it.each([
    [403, 'accessDenied'],
    [400, 'refused'],
    [500, 'unavailable'],
  ] as const)('that is answered with %i fails as %s', async (status, code) => {
    await versions();
    keyturn.inject({ kind: 'fail', status }, '^PUT ');
    expect(await failureOf(secrets.writeVersion(name, version))).toMatchObject({
      service: 'vault',
      code,
      status,
    });
  });

  it('of an identity without permission is denied', async () => {
    expect(await failureOf(vault('stranger').readSecret(name))).toMatchObject({ code: 'accessDenied' });
    expect(await failureOf(vault('stranger').writeVersion(name, version))).toMatchObject({
      code: 'accessDenied',
      status: 403,
    });
  });

  it('goes only to a vault under the domain of the token that it asks for, if that is verified', async () => {
    const failure = await failureOf(vault('keyturn', undefined, true).writeVersion(name, version));
    expect(failure.service).toBe('vault');
    expect(await versions()).toEqual([]);
  });
});
