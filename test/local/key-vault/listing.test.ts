import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../identity/local-cloud.ts';
import { all, failureOf, startVaultUnderTest, type VaultUnderTest } from './vault-under-test.ts';

let vault: VaultUnderTest;
beforeEach(async () => {
  vault = await startVaultUnderTest();
});
afterEach(() => vault.close());

const operator = () => vault.client(identities.operator);
const names = (properties: readonly { name: string }[]) => properties.map(({ name }) => name);

async function setAll(...secretNames: string[]): Promise<void> {
  for (const name of secretNames)
    await operator().setSecret(name, `value of ${name}`, { tags: { of: name } });
}

describe('the list of secrets', () => {
  it('holds the latest version of each, disabled ones too, without values and without naming the version', async () => {
    await setAll('one', 'two');
    await operator().setSecret('two', 'newer', { enabled: false, contentType: 'x' });
    const listed = await all(operator().listPropertiesOfSecrets());
    expect(listed).toMatchObject([
      { name: 'one', version: undefined, enabled: true, tags: { of: 'one' }, id: `${vault.url}/secrets/one` },
      { name: 'two', version: undefined, enabled: false, contentType: 'x' },
    ]);
    expect(JSON.stringify(listed)).not.toContain('newer');
  });

  it('comes in pages of 25, or of as many as asked for', async () => {
    const expected = Array.from({ length: 28 }, (_, i) => `secret-${String(i).padStart(2, '0')}`);
    await setAll(...expected);
    const pages = await all(operator().listPropertiesOfSecrets().byPage());
    expect(pages.map(({ length }) => length)).toEqual([25, 3]);
    const tens = await all(operator().listPropertiesOfSecrets().byPage({ maxPageSize: 10 }));
    expect(tens.map(({ length }) => length)).toEqual([10, 10, 8]);
    expect(names(tens.flat())).toEqual(expected);
  });

  it('has empty pages in its midst, where deleted secrets are', async () => {
    await setAll('a', 'b', 'c');
    for (const name of ['a', 'b']) await operator().beginDeleteSecret(name, { intervalInMs: 1 });
    const pages = await all(operator().listPropertiesOfSecrets().byPage({ maxPageSize: 1 }));
    expect(pages.map((page) => names(page))).toEqual([[], [], ['c']]);
  });

  it('is refused in pages of more than 25', async () => {
    const pages = operator().listPropertiesOfSecrets().byPage({ maxPageSize: 26 });
    expect(await failureOf(pages.next())).toMatchObject({ statusCode: 400, code: 'BadParameter' });
  });
});

describe('the list of versions', () => {
  it('is in the order of version ids, which is not the order of age', async () => {
    const created: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      const { properties } = await operator().setSecret('many', `value ${i}`);
      created.push(properties.version ?? '');
    }
    const pages = await all(operator().listPropertiesOfSecretVersions('many').byPage({ maxPageSize: 5 }));
    expect(pages.map(({ length }) => length)).toEqual([5, 5, 2]);
    const listed = pages.flat().map(({ version }) => version);
    expect(listed).toEqual(created.toSorted());
    expect(JSON.stringify(pages)).not.toContain('value ');
  });

  it('is empty for a name that does not exist and for a deleted secret', async () => {
    expect(await all(operator().listPropertiesOfSecretVersions('never'))).toEqual([]);
    await setAll('was');
    await operator().beginDeleteSecret('was', { intervalInMs: 1 });
    expect(await all(operator().listPropertiesOfSecretVersions('was'))).toEqual([]);
  });
});

describe('the list of deleted secrets', () => {
  it('holds what can be recovered, in pages, without values', async () => {
    await setAll('a', 'b', 'c', 'd');
    for (const name of ['a', 'b', 'c']) await operator().beginDeleteSecret(name, { intervalInMs: 1 });
    await operator().purgeDeletedSecret('b');
    const pages = await all(operator().listDeletedSecrets().byPage({ maxPageSize: 1 }));
    expect(pages.map(([deleted]) => [deleted?.name, deleted?.recoveryId])).toEqual([
      ['a', `${vault.url}/deletedsecrets/a`],
      ['c', `${vault.url}/deletedsecrets/c`],
    ]);
    expect(JSON.stringify(pages)).not.toContain('value of');
  });
});

describe('a reset', () => {
  it('leaves an empty vault, with nothing among the deleted or the values ever stored', async () => {
    await setAll('a', 'b');
    await operator().beginDeleteSecret('a', { intervalInMs: 1 });
    await vault.vaults.reset();
    expect(await all(operator().listPropertiesOfSecrets())).toEqual([]);
    expect(await all(operator().listDeletedSecrets())).toEqual([]);
    expect(vault.vaults.storedValues()).toEqual([]);
  });
});
