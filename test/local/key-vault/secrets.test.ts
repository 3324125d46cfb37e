import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repetitions } from '../../counts.ts';
import { identities } from '../identity/local-cloud.ts';
import { failureOf, startVaultUnderTest, type VaultUnderTest } from './vault-under-test.ts';

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest({
    vaults: [{ name: 'contoso', retentionDays: 7 }],
    throttling: { creations: 100_000, others: 100_000 },
  });
});
afterAll(() => vault.close());

const operator = () => vault.client(identities.operator);

describe('a secret', () => {
  it('is stored with everything that the client says about it, and read back', async () => {
    const expiresOn = new Date('2037-01-01T00:00:00Z');
    const notBefore = new Date('2026-01-01T00:00:00Z');
    const tags = { registry: 'contoso', generation: '3' };
    const options = { contentType: 'text/plain', tags, expiresOn, notBefore };
    const stored = await operator().setSecret('full', 'p@ss "word"\n€', options);
    expect(stored).toMatchObject({ name: 'full', value: 'p@ss "word"\n€' });
    expect(stored.properties).toMatchObject({
      ...options,
      name: 'full',
      enabled: true,
      recoverableDays: 7,
      recoveryLevel: 'CustomizedRecoverable+Purgeable',
      vaultUrl: vault.url,
      id: `${vault.url}/secrets/full/${stored.properties.version}`,
    });
    expect(stored.properties.version).toMatch(/^[0-9a-f]{32}$/);
    expect(await operator().getSecret('full')).toEqual(stored);
    expect(await operator().getSecret('full', { version: stored.properties.version ?? '' })).toEqual(stored);
  });

  it('is dated by the cloud clock', async () => {
    await vault.cloud.clock.advance(3 * 365 * 24 * 3_600_000);
    const { properties } = await operator().setSecret('dated', 'value');
    const age = vault.cloud.clock.now().getTime() - (properties.createdOn?.getTime() ?? 0);
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(60_000);
    expect(properties.updatedOn).toEqual(properties.createdOn);
  });

  it('gets a version with each value, and the newest is what is read without naming one', async () => {
    const first = await operator().setSecret('versions', 'one');
    await operator().setSecret('versions', 'two');
    expect((await operator().getSecret('versions')).value).toBe('two');
    const old = await operator().getSecret('versions', { version: first.properties.version ?? '' });
    expect(old.value).toBe('one');
  });

  it('has a name that compares case-insensitively and keeps its first spelling', async () => {
    await operator().setSecret('Mixed-Case', 'one');
    await operator().setSecret('mixed-case', 'two');
    const read = await operator().getSecret('MIXED-CASE');
    expect([read.name, read.value]).toEqual(['Mixed-Case', 'two']);
  });

  it('keeps an empty value', async () => {
    await operator().setSecret('empty', '');
    expect((await operator().getSecret('empty')).value).toBe('');
  });

  it('can be read when it is expired or not yet valid', async () => {
    await operator().setSecret('expired', 'old', { expiresOn: new Date('2001-01-01T00:00:00Z') });
    await operator().setSecret('early', 'new', { notBefore: new Date('2037-12-31T00:00:00Z') });
    expect((await operator().getSecret('expired')).value).toBe('old');
    expect((await operator().getSecret('early')).value).toBe('new');
  });

  it('cannot be read while it is disabled, though older versions can', async () => {
    const first = await operator().setSecret('disabled', 'one');
    const second = await operator().setSecret('disabled', 'two', { enabled: false });
    expect(second.properties.enabled).toBe(false);
    expect(await failureOf(operator().getSecret('disabled'))).toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
      innerCode: 'SecretDisabled',
      message: 'Operation get is not allowed on a disabled secret.',
    });
    const version = first.properties.version ?? '';
    expect((await operator().getSecret('disabled', { version })).value).toBe('one');
    await operator().updateSecretProperties('disabled', second.properties.version ?? '', { enabled: true });
    expect((await operator().getSecret('disabled')).value).toBe('two');
  });
});

describe('updating properties', () => {
  it('changes what is named, leaves the rest, and answers without the value', async () => {
    const tags = { one: '1', two: '2' };
    const { properties } = await operator().setSecret('updated', 'value', { contentType: 'a', tags });
    await vault.cloud.clock.advance(5_000);
    const version = properties.version ?? '';
    const expiresOn = new Date('2036-01-01T00:00:00Z');
    const updated = await operator().updateSecretProperties('updated', version, { expiresOn });
    expect(updated).toMatchObject({ contentType: 'a', tags, expiresOn, createdOn: properties.createdOn });
    expect(updated.updatedOn?.getTime()).toBeGreaterThan(properties.updatedOn?.getTime() ?? 0);
    const retagged = await operator().updateSecretProperties('updated', version, { tags: { three: '3' } });
    expect(retagged).toMatchObject({ tags: { three: '3' }, expiresOn });
    expect(await operator().getSecret('updated')).toMatchObject({ value: 'value', properties: retagged });
  });

  it('changes the latest version when none is named', async () => {
    await operator().setSecret('latest', 'one');
    const second = await operator().setSecret('latest', 'two');
    const updated = await operator().updateSecretProperties('latest', '', { contentType: 'x' });
    expect(updated).toMatchObject({ version: second.properties.version, contentType: 'x' });
  });

  it('is refused for a version that does not exist', async () => {
    await operator().setSecret('known', 'one');
    const failure = await failureOf(operator().updateSecretProperties('known', '0'.repeat(32), {}));
    expect(failure).toMatchObject({ statusCode: 404, code: 'SecretNotFound' });
  });
});

describe('what the vault refuses', () => {
  it('a secret that does not exist', async () => {
    expect(await failureOf(operator().getSecret('missing'))).toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
      message: expect.stringMatching(/^A secret with \(name\/id\) missing was not found in this key vault\./),
    });
    expect(await failureOf(operator().beginDeleteSecret('missing'))).toMatchObject({
      code: 'SecretNotFound',
    });
  });

  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`tag${i}`, 'x']));
  it.each([
    ['a value of more than 25 kB', 'name', 'x'.repeat(25_601), {}],
    ['a value of more than 25 kB in UTF-8', 'name', '€'.repeat(8_534), {}],
    ['more than 15 tags', 'name', 'value', { tags: many(16) }],
    ['a tag name of more than 256 characters', 'name', 'value', { tags: { ['x'.repeat(257)]: '1' } }],
    ['a tag value of more than 256 characters', 'name', 'value', { tags: { x: '1'.repeat(257) } }],
    ['a content type of more than 255 characters', 'name', 'value', { contentType: 'x'.repeat(256) }],
    ['a name with an underscore', 'a_name', 'value', {}],
    ['a name of more than 127 characters', 'n'.repeat(128), 'value', {}],
    [
      'an expiry that is not after the start',
      'name',
      'v',
      { expiresOn: new Date(5e11), notBefore: new Date(5e11) },
    ],
    [
      'an expiry that the client has truncated to 32 bits',
      'name',
      'v',
      { expiresOn: new Date('2100-01-01') },
    ],
  ])('%s', async (_, name, value, options) => {
    expect(await failureOf(operator().setSecret(name, value, options))).toMatchObject({
      statusCode: 400,
      code: 'BadParameter',
    });
  });

  it('names the name that it refuses', async () => {
    const failure = await failureOf(operator().getSecret('a.b'));
    expect(failure.message).toBe('The request URI contains an invalid name: a.b');
  });

  it('backup and restore, which the local cloud does not have', async () => {
    await operator().setSecret('precious', 'value');
    const refused = { statusCode: 501, code: 'NotImplemented' };
    expect(await failureOf(operator().backupSecret('precious'))).toMatchObject(refused);
    expect(await failureOf(operator().restoreSecretBackup(new Uint8Array([1])))).toMatchObject(refused);
  });
});

describe('the limits', () => {
  it('let everything through that is within them', async () => {
    const name = fc.stringMatching(/^[0-9a-zA-Z-]{1,127}$/);
    const tag = fc.string({ maxLength: 256, unit: 'grapheme-ascii' });
    const tagName = tag.filter((text) => text !== '__proto__');
    const tags = fc.dictionary(tagName, tag, { maxKeys: 15 });
    const value = fc.string({ maxLength: 2_000, unit: 'grapheme' });
    const contentType = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' });
    const client = operator();
    await fc.assert(
      fc.asyncProperty(name, value, tags, contentType, async (...[name, value, tags, contentType]) => {
        await client.setSecret(name, value, { tags, contentType });
        const read = await client.getSecret(name);
        expect(read.value).toBe(value);
        expect(read.properties).toMatchObject({ contentType });
        expect({ ...read.properties.tags }).toEqual({ ...tags });
      }),
      { numRuns: repetitions({ quick: 100, soak: 2_000 }) },
    );
  }, 120_000);
});

describe('what tests can ask', () => {
  it('is every value that was ever stored, also replaced, deleted and purged ones', async () => {
    await operator().setSecret('remembered', 'first value');
    await operator().setSecret('remembered', 'second value');
    await operator().beginDeleteSecret('remembered', { intervalInMs: 1 });
    await operator().purgeDeletedSecret('remembered');
    const values = vault.vaults.storedValues().filter(({ name }) => name === 'remembered');
    expect(values.map(({ vault: of, value }) => [of, value])).toEqual([
      ['contoso', 'first value'],
      ['contoso', 'second value'],
    ]);
  });
});
