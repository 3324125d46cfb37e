import { describe, expect, it } from 'vitest';
import { all, everythingOf, failureOf } from './keyturn-cloud.ts';
import { expiresAt, map, token, useControlPlane } from './use-control-plane.ts';

const plane = useControlPlane();

describe('a token', () => {
  it('that is not there reads as null', async () => {
    expect(await plane.registry.readToken(token)).toBeNull();
  });

  it('is made enabled, with one write, and read back', async () => {
    await plane.createMap();
    plane.keyturn.cloud.history.clear();
    expect(await plane.registry.createToken(token, map)).toEqual({
      created: true,
      token: { enabled: true, scopeMap: map, passwords: [] },
    });
    expect(plane.writes()).toEqual([`PUT /tokens/${token}`]);
  });

  it('that exists is left as it is, with its passwords', async () => {
    await plane.createToken();
    const { value: _value, ...entry } = await plane.generate();
    plane.keyturn.cloud.history.clear();
    const { created, token: found } = await plane.registry.createToken(token, map);
    expect(created).toBe(false);
    expect(found?.passwords).toEqual([entry]);
    expect(plane.writes()).toEqual([]);
  });

  it('is disabled and enabled, and keeps its passwords', async () => {
    await plane.createToken();
    await plane.generate();
    expect(await plane.registry.setTokenStatus(token, false)).toMatchObject({ enabled: false });
    const enabled = await plane.registry.setTokenStatus(token, true);
    expect(enabled).toMatchObject({ enabled: true, passwords: [{ slot: 'password1' }] });
  });

  it('that a policy disables is seen to be disabled, whatever was asked', async () => {
    await plane.createToken();
    await plane.control.changeRegistrySettings({ policyDisablesTokens: true });
    expect(await plane.registry.setTokenStatus(token, true)).toMatchObject({ enabled: false });
  });

  it('is bound to another scope map', async () => {
    await plane.createToken();
    expect(await plane.registry.bindScopeMap(token, '_repositories_pull')).toMatchObject({
      enabled: true,
      scopeMap: '_repositories_pull',
    });
  });

  it('that is not there cannot be changed', async () => {
    expect(await plane.registry.setTokenStatus(token, false)).toBeNull();
    expect(await plane.registry.bindScopeMap(token, '_repositories_pull')).toBeNull();
    expect(await plane.registry.replaceBothPasswords(token)).toBe(false);
  });

  it('is gone when its deletion is done, and deleting it again finds nothing', async () => {
    await plane.createToken();
    await plane.control.changeRegistrySettings({ pollsUntilDone: 1 });
    expect(await plane.registry.deleteToken(token)).toBe(true);
    expect(await plane.registry.readToken(token)).toBeNull();
    expect(await plane.registry.deleteToken(token)).toBe(false);
  });

  it('is deleted also by an identity that may not follow the deletion', async () => {
    await plane.createToken();
    expect(await plane.adapter('registryOnly').deleteToken(token)).toBe(true);
    expect(await plane.registry.readToken(token)).toBeNull();
  });

  it('is listed with its passwords, page by page, beside all others', async () => {
    await plane.control.changeRegistrySettings({ listPageSize: 1 });
    await plane.createToken();
    await plane.generate('password2');
    await plane.registry.createToken('other-token', map);
    const tokens = await all(plane.registry.listTokens());
    const found = tokens.map(({ name, passwords }) => [name, passwords.map(({ slot }) => slot)]);
    expect(found).toEqual([
      [token, ['password2']],
      ['other-token', []],
    ]);
  });
});

describe('a password', () => {
  it('is made in the slot that was named, and the other slot is left alone', async () => {
    await plane.createToken();
    const first = await plane.generate('password2');
    const second = await plane.generate('password1');
    expect(second).toMatchObject({ slot: 'password1', expiresAt });
    expect(second.value).not.toBe(first.value);
    const passwords = (await plane.registry.readToken(token))?.passwords;
    expect(passwords).toEqual([
      { slot: 'password1', createdAt: second.createdAt, expiresAt },
      { slot: 'password2', createdAt: first.createdAt, expiresAt },
    ]);
  });

  it('is asked for once: a request without an answer is not repeated', async () => {
    await plane.createToken();
    for (const when of ['before', 'after'] as const) {
      plane.keyturn.cloud.history.clear();
      plane.keyturn.inject({ kind: 'drop', when }, 'generateCredentials');
      expect(await failureOf(plane.generate())).toMatchObject({
        code: 'unavailable',
        operation: 'generatePassword',
      });
      expect(plane.writes()).toEqual(['POST /generateCredentials']);
    }
  });

  it.each(['cut', 'garble'] as const)(
    'that comes in a damaged answer (%s) does not reach the error',
    async (how) => {
      await plane.createToken();
      plane.keyturn.inject({ kind: 'damage', how }, 'generateCredentials');
      const failure = await failureOf(plane.generate());
      const [password = ''] = (await plane.control.issuedPasswords()).slice(-1);
      expect(password).not.toBe('');
      expect(['damagedAnswer', 'unavailable']).toContain(failure.code);
      expect(everythingOf(failure)).not.toContain(password);
      expect(everythingOf(failure)).not.toContain(password.slice(0, 8));
      expect((await plane.registry.readToken(token))?.passwords).toHaveLength(1);
    },
  );

  it('is made also when the registry answers later', async () => {
    await plane.createToken();
    await plane.control.changeRegistrySettings({ generateCredentialsAnswer: 'later' });
    const made = await plane.adapter('operator').generatePassword(token, 'password1', expiresAt);
    expect(made).toMatchObject({ slot: 'password1' });
  });

  it('is replaced together with the other one only to revoke', async () => {
    await plane.createToken();
    const first = await plane.generate();
    expect(await plane.registry.replaceBothPasswords(token)).toBe(true);
    const passwords = (await plane.registry.readToken(token))?.passwords ?? [];
    expect(passwords.map(({ slot }) => slot)).toEqual(['password1', 'password2']);
    expect(passwords[0]?.createdAt).not.toBe(first.createdAt);
  });

  it('of a token that is not there is not found', async () => {
    expect(await failureOf(plane.generate())).toMatchObject({ code: 'notFound', status: 404 });
  });
});
