import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  failureOf,
  group,
  type RegistryUnderTest,
  registryId,
  startRegistryUnderTest,
} from './registry-under-test.ts';

let registry: RegistryUnderTest;
const tokenId = `${registryId}/tokens/first-token`;

beforeAll(async () => {
  registry = await startRegistryUnderTest();
});
afterAll(() => registry.close());
beforeEach(async () => {
  registry.running.reset();
  await registry.client().tokens.create(group, 'contoso', 'first-token', {
    scopeMapId: `${registryId}/scopeMaps/_repositories_pull`,
  });
});

function generate(parameters: { tokenId?: string; name?: string; expiry?: Date }) {
  return registry.client().registries.generateCredentials(group, 'contoso', { tokenId, ...parameters });
}

async function listed() {
  const { credentials } = await registry.client().tokens.get(group, 'contoso', 'first-token');
  return credentials?.passwords ?? [];
}

async function keep(...names: string[]) {
  return registry.client().tokens.update(group, 'contoso', 'first-token', {
    credentials: { passwords: names.map((name) => ({ name })) },
  });
}

describe('generateCredentials', () => {
  it('makes passwords of the form that secret scanners know', async () => {
    const { username, passwords } = await generate({});
    expect(username).toBe('first-token');
    for (const { value } of passwords ?? []) {
      expect(value).toHaveLength(52);
      expect(value).toMatch(/^[A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9+/]{6}$/);
    }
    expect(new Set(passwords?.map(({ value }) => value)).size).toBe(2);
  });

  it('without a name makes both slots new', async () => {
    const first = await generate({});
    const second = await generate({});
    for (const { passwords } of [first, second])
      expect(passwords?.map(({ name }) => name)).toEqual(['password1', 'password2']);
    const values = [...(first.passwords ?? []), ...(second.passwords ?? [])].map(({ value }) => value);
    expect(new Set(values).size).toBe(4);
  });

  it('with a name makes only that slot new, and lists the other one without its value, in the order of names', async () => {
    const alone = await generate({ name: 'password2' });
    expect(alone.passwords).toEqual([
      { name: 'password2', value: expect.any(String), creationTime: expect.any(Date) },
    ]);
    const both = await generate({ name: 'password1' });
    expect(both.passwords?.map(({ name, value }) => [name, value !== undefined])).toEqual([
      ['password1', true],
      ['password2', false],
    ]);
    const second = await generate({ name: 'password2' });
    expect(second.passwords?.map(({ name, value }) => [name, value !== undefined])).toEqual([
      ['password1', false],
      ['password2', true],
    ]);
    expect(second.passwords?.[0]?.creationTime).toEqual(both.passwords?.[0]?.creationTime);
  });

  it('gives values that no read shows again', async () => {
    await generate({});
    const { body } = await registry.arm('/tokens/first-token');
    const { properties } = JSON.parse(body) as { properties: { credentials: { passwords: object[] } } };
    expect(properties.credentials.passwords.map((password) => Object.keys(password))).toEqual([
      ['creationTime', 'name'],
      ['creationTime', 'name'],
    ]);
    for (const value of registry.running.issuedPasswords()) expect(body).not.toContain(value);
  });

  it('gives each password a creation time of its own, to 100 nanoseconds', async () => {
    const times = new Set<string>();
    for (let count = 0; count < 20; count++) {
      const { body } = await registry.arm('/generateCredentials', { method: 'POST', body: { tokenId } });
      for (const { creationTime } of (JSON.parse(body) as { passwords: { creationTime: string }[] })
        .passwords)
        times.add(creationTime);
    }
    expect(times.size).toBe(40);
    expect([...times]).toEqual([...times].toSorted((one, other) => (pad(one) < pad(other) ? -1 : 1)));
  });

  it('drops the parts of a second from an expiry, and applies it to what it makes now', async () => {
    await generate({ name: 'password1' });
    await generate({ name: 'password2', expiry: new Date('2100-12-31T12:59:59.987Z') });
    const { body } = await registry.arm('/tokens/first-token');
    expect(body).toContain('"expiry":"2100-12-31T12:59:59+00:00"');
    expect((await listed()).map(({ name, expiry }) => [name, expiry])).toEqual([
      ['password1', undefined],
      ['password2', new Date('2100-12-31T12:59:59Z')],
    ]);
  });

  it('accepts an expiry in the past, unless the registry is set to refuse it', async () => {
    const expiry = new Date('2020-01-01T00:00:00Z');
    await generate({ name: 'password1', expiry });
    expect((await listed())[0]?.expiry).toEqual(expiry);
    registry.running.updateSettings({ pastExpiry: 'refused' });
    expect(await failureOf(generate({ name: 'password1', expiry }))).toMatchObject({
      statusCode: 400,
      code: 'InvalidExpiry',
    });
  });

  it('works on a disabled token', async () => {
    await registry.client().tokens.update(group, 'contoso', 'first-token', { status: 'disabled' });
    expect((await generate({ name: 'password1' })).passwords).toHaveLength(1);
  });

  it.each([`${registryId}/tokens/missing`, tokenId.replace('contoso', 'fabrikam'), 'nonsense'])(
    'answers 404 for the token id %s',
    async (id) => {
      expect(await failureOf(generate({ tokenId: id }))).toMatchObject({
        statusCode: 404,
        code: 'ResourceNotFound',
      });
    },
  );

  it('refuses other slots, other times and no token, and makes nothing then', async () => {
    for (const body of [
      { tokenId, name: 'password3' },
      { tokenId, expiry: 'tomorrow' },
      { tokenId, expiry: '2025-13-45T00:00:00Z' },
      {},
      { tokenId: '' },
    ]) {
      const answer = await registry.arm('/generateCredentials', { method: 'POST', body });
      expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([400, 'InvalidRequestContent']);
    }
    expect(await listed()).toEqual([]);
  });
});

describe('PATCH of the passwords of a token', () => {
  it('keeps the ones that it names and removes the others', async () => {
    await generate({});
    expect((await keep('password2')).credentials?.passwords?.map(({ name }) => name)).toEqual(['password2']);
    expect((await listed()).map(({ name }) => name)).toEqual(['password2']);
  });

  it('removes all when it names none, and none when it has no list', async () => {
    await generate({});
    await registry.client().tokens.update(group, 'contoso', 'first-token', { status: 'enabled' });
    expect(await listed()).toHaveLength(2);
    await keep();
    expect(await listed()).toEqual([]);
  });

  it('cannot add one: that is what generateCredentials is for', async () => {
    await generate({ name: 'password1' });
    for (const name of ['password2', 'password3'])
      expect(await failureOf(keep('password1', name))).toMatchObject({
        statusCode: 400,
        message: expect.stringContaining('generateCredentials'),
      });
    expect((await listed()).map(({ name }) => name)).toEqual(['password1']);
  });
});

/** Fills the fraction of a second up to seven digits, so that texts compare as instants. */
function pad(time: string): string {
  const [seconds = '', fraction = ''] = time.replace('+00:00', '').split('.');
  return `${seconds}.${fraction.padEnd(7, '0')}`;
}
