import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all, everythingOf, failureOf } from './keyturn-cloud.ts';
import {
  type ControlPlaneUnderTest,
  expiresAt,
  map,
  startControlPlane,
  token,
} from './start-control-plane.ts';

let plane: ControlPlaneUnderTest;
let keyturn: ControlPlaneUnderTest['keyturn'];
let control: ControlPlaneUnderTest['control'];
let registry: ControlPlaneUnderTest['registry'];
let adapter: ControlPlaneUnderTest['adapter'];
let createMap: ControlPlaneUnderTest['createMap'];
let createToken: ControlPlaneUnderTest['createToken'];
let generate: ControlPlaneUnderTest['generate'];
let writes: ControlPlaneUnderTest['writes'];

beforeAll(async () => {
  plane = await startControlPlane();
  ({ keyturn, control, registry, adapter, createMap, createToken, generate, writes } = plane);
});
afterAll(() => plane.keyturn.close());
beforeEach(() => plane.control.reset());

describe('a token', () => {
  it('that is not there reads as null', async () => {
    expect(await registry.readToken(token)).toBeNull();
  });

  it('is made enabled, with one write, and read back', async () => {
    await createMap();
    keyturn.cloud.history.clear();
    expect(await registry.createToken(token, map)).toEqual({
      created: true,
      token: { enabled: true, scopeMap: map, passwords: [] },
    });
    expect(writes()).toEqual([`PUT /tokens/${token}`]);
  });

  it('that exists is left as it is, with its passwords', async () => {
    await createToken();
    const { value: _value, ...entry } = await generate();
    keyturn.cloud.history.clear();
    const { created, token: found } = await registry.createToken(token, map);
    expect(created).toBe(false);
    expect(found?.passwords).toEqual([entry]);
    expect(writes()).toEqual([]);
  });

  it('is disabled and enabled, and keeps its passwords', async () => {
    await createToken();
    await generate();
    expect(await registry.setTokenStatus(token, false)).toMatchObject({ enabled: false });
    const enabled = await registry.setTokenStatus(token, true);
    expect(enabled).toMatchObject({ enabled: true, passwords: [{ slot: 'password1' }] });
  });

  it('that a policy disables is seen to be disabled, whatever was asked', async () => {
    await createToken();
    await control.changeRegistrySettings({ policyDisablesTokens: true });
    expect(await registry.setTokenStatus(token, true)).toMatchObject({ enabled: false });
  });

  it('is bound to another scope map', async () => {
    await createToken();
    expect(await registry.bindScopeMap(token, '_repositories_pull')).toMatchObject({
      enabled: true,
      scopeMap: '_repositories_pull',
    });
  });

  it('that is not there cannot be changed', async () => {
    expect(await registry.setTokenStatus(token, false)).toBeNull();
    expect(await registry.bindScopeMap(token, '_repositories_pull')).toBeNull();
    expect(await registry.replaceBothPasswords(token)).toBe(false);
  });

  it('is gone when its deletion is done, and deleting it again finds nothing', async () => {
    await createToken();
    await control.changeRegistrySettings({ pollsUntilDone: 1 });
    expect(await registry.deleteToken(token)).toBe(true);
    expect(await registry.readToken(token)).toBeNull();
    expect(await registry.deleteToken(token)).toBe(false);
  });

  it('is deleted also by an identity that may not follow the deletion', async () => {
    await createToken();
    expect(await adapter('registryOnly').deleteToken(token)).toBe(true);
    expect(await registry.readToken(token)).toBeNull();
  });

  it('is listed with its passwords, page by page, beside all others', async () => {
    await control.changeRegistrySettings({ listPageSize: 1 });
    await createToken();
    await generate('password2');
    await registry.createToken('other-token', map);
    const tokens = await all(registry.listTokens());
    const found = tokens.map(({ name, passwords }) => [name, passwords.map(({ slot }) => slot)]);
    expect(found).toEqual([
      [token, ['password2']],
      ['other-token', []],
    ]);
  });
});

describe('a password', () => {
  it('is made in the slot that was named, and the other slot is left alone', async () => {
    await createToken();
    const first = await generate('password2');
    const second = await generate('password1');
    expect(second).toMatchObject({ slot: 'password1', expiresAt });
    expect(second.value).not.toBe(first.value);
    const passwords = (await registry.readToken(token))?.passwords;
    expect(passwords).toEqual([
      { slot: 'password1', createdAt: second.createdAt, expiresAt },
      { slot: 'password2', createdAt: first.createdAt, expiresAt },
    ]);
  });

  it('is asked for once: a request without an answer is not repeated', async () => {
    await createToken();
    for (const when of ['before', 'after'] as const) {
      keyturn.cloud.history.clear();
      keyturn.inject({ kind: 'drop', when }, 'generateCredentials');
      expect(await failureOf(generate())).toMatchObject({
        code: 'unavailable',
        operation: 'generatePassword',
      });
      expect(writes()).toEqual(['POST /generateCredentials']);
    }
  });

  it.each(['cut', 'garble'] as const)(
    'that comes in a damaged answer (%s) does not reach the error',
    async (how) => {
      await createToken();
      keyturn.inject({ kind: 'damage', how }, 'generateCredentials');
      const failure = await failureOf(generate());
      const [password = ''] = (await control.issuedPasswords()).slice(-1);
      expect(password).not.toBe('');
      expect(['damagedAnswer', 'unavailable']).toContain(failure.code);
      expect(everythingOf(failure)).not.toContain(password);
      expect(everythingOf(failure)).not.toContain(password.slice(0, 8));
      expect((await registry.readToken(token))?.passwords).toHaveLength(1);
    },
  );

  it('is made also when the registry answers later', async () => {
    await createToken();
    await control.changeRegistrySettings({ generateCredentialsAnswer: 'later' });
    const made = await adapter('operator').generatePassword(token, 'password1', expiresAt);
    expect(made).toMatchObject({ slot: 'password1' });
  });

  it('is replaced together with the other one only to revoke', async () => {
    await createToken();
    const first = await generate();
    expect(await registry.replaceBothPasswords(token)).toBe(true);
    const passwords = (await registry.readToken(token))?.passwords ?? [];
    expect(passwords.map(({ slot }) => slot)).toEqual(['password1', 'password2']);
    expect(passwords[0]?.createdAt).not.toBe(first.createdAt);
  });

  it('of a token that is not there is not found', async () => {
    expect(await failureOf(generate())).toMatchObject({ code: 'notFound', status: 404 });
  });
});
